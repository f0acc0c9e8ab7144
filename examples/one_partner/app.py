"""One partner only, Google: nothing of AWS Partner Central or Microsoft is made."""

import aws_cdk as cdk

import cosell_sync

app = cdk.App()
cosell_sync.CosellStage(app, "googleonly", configuration=cosell_sync.load_configuration("config"))
cosell_sync.add_rule_packs(app)
app.synth()
