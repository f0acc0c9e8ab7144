"""HubSpot deals and AWS Partner Central, both ways: every deployment stage of config/stages.yaml."""

import aws_cdk as cdk

import cosell_sync

app = cdk.App()
cosell_sync.add_stages(app, cosell_sync.load_configuration("config"))
cosell_sync.add_rule_packs(app)
app.synth()
