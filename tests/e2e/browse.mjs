// A person at the sandbox's page, in the Chromium that @sparticuz/chromium carries (or COSELL_CHROMIUM names).
//
//   node browse.mjs unpack                    puts the browser into TMPDIR
//   node browse.mjs URL FOLDER NAME           plays, leaves pictures in FOLDER, writes what was seen as one JSON object
//
// Every wait is patience and not a promise, as in the rest of this tier.
import { join } from 'node:path';
import { chromium as driver } from 'playwright-core';

const PATIENCE = 180_000;
const HOSTILE = "<script>document.title = 'owned'</script>";

async function browserPath() {
  if (process.env.COSELL_CHROMIUM) return process.env.COSELL_CHROMIUM;
  // So the package unpacks NSS too, which a bare machine lacks as a Lambda does, and has the browser find it.
  process.env.AWS_LAMBDA_JS_RUNTIME = 'nodejs22.x';
  const { default: carried } = await import('@sparticuz/chromium');
  return carried.executablePath();
}

async function play(url, folder, name) {
  // Its own flags would take web security away, which is among what is tried here.
  const args = ['--no-sandbox', '--no-zygote', '--disable-gpu', '--headless=shell'];
  const browser = await driver.launch({ executablePath: await browserPath(), args });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(PATIENCE);
    const problems = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('dialog', (dialog) => dialog.dismiss().then(() => problems.push('a dialog')));
    const person = new Person(page, url, folder);
    const seen = { created: await person.create(name) };
    seen.execution = await person.openExecution();
    seen.fault = await person.orderFault();
    seen.letter = await person.poisonAndReplay(name, seen.created.deal);
    seen.audit = await person.audit(seen.created.deal);
    seen.listed = await person.lists(seen.created);
    seen.hostile = await person.createHostile();
    seen.unscripted = await withoutScript(browser, url, name);
    return { ...seen, problems };
  } finally {
    await browser.close();
  }
}

class Person {
  constructor(page, url, folder) {
    Object.assign(this, { page, url, folder });
  }

  async press(text) {
    await this.page.getByRole('button', { name: text, exact: true }).first().click();
  }

  async go(text) {
    await this.page.getByRole('navigation').getByRole('link', { name: text }).click();
    await this.page.waitForLoadState();
  }

  async picture(name) {
    await this.page.screenshot({ path: join(this.folder, `${name}.png`) });
  }

  async create(name) {
    await this.page.goto(this.url);
    await this.page.getByLabel('Name of the deal').fill(name);
    await this.press('Create a tagged deal');
    const row = this.page.locator('tr[data-deal]', { hasText: name });
    const cell = row.locator('td[data-partner=aws]');
    await cell.getByText('synced', { exact: true }).waitFor();
    await this.picture('deals');
    return { deal: await row.getAttribute('data-deal'), record: await cell.locator('.id').innerText() };
  }

  async openExecution() {
    await this.go('Executions');
    const row = this.page.locator('tr[data-execution]', { hasText: 'Create the opportunity' }).first();
    const way = await row.locator('.way').innerText();
    await row.getByRole('link').click();
    await this.page.getByRole('heading', { name: 'States' }).waitFor();
    await this.picture('execution');
    const link = await this.page.locator('tr', { has: this.page.locator('th', { hasText: /^link$/ }) }).innerText();
    const states = await this.page.locator('tr.state').count();
    return { way, link, states };
  }

  async orderFault() {
    await this.page.getByLabel('Operation').selectOption('UpdateOpportunity');
    await this.press('Order three 503s at AWS');
    const inForce = this.page.getByText('AWS UpdateOpportunity');
    await inForce.waitFor();
    const said = await inForce.innerText();
    await this.clearFaults();
    return said;
  }

  async clearFaults() {
    await this.press('Clear faults');
    await this.page.getByText('No fault is in force', { exact: true }).waitFor();
  }

  async poisonAndReplay(name, deal) {
    await this.go('Deals');
    await this.page.getByRole('link', { name }).first().click();
    await this.press('Poison its next message');
    await this.go('Dead letters');
    const row = this.page.locator('tr[data-letter]', { hasText: `link#aws#d${deal}` });
    await row.getByText('waiting').waitFor();
    const error = await row.locator('.bad').first().innerText();
    await this.picture('letters');
    // The button's work is over once the queue is as it was, and only then is the cause to be taken away.
    await this.page.locator('.journal li', { hasText: 'Poison' }).getByText('done', { exact: true }).waitFor();
    await this.clearFaults();
    await row.getByRole('button', { name: 'Replay' }).click();
    await row.getByText('replayed').waitFor();
    await this.page.goto(`${this.url}/deals/${deal}`);
    await this.page.locator('tr[data-partner=aws]').getByText('synced', { exact: true }).waitFor();
    await this.picture('deal');
    return { error };
  }

  async audit(deal) {
    await this.page.goto(`${this.url}/audit?deal=${deal}`);
    const row = this.page.locator('main tr', { hasText: 'amount' }).first();
    await row.waitFor();
    await this.picture('audit');
    return row.innerText();
  }

  async lists({ deal, record }) {
    const found = {};
    // By the deal's link: one that the partner's own event opened meanwhile, handed over since, names the record too.
    for (const [name, text] of [['At the partners', record], ['Links', `link#aws#d${deal}`]]) {
      await this.go(name);
      found[name] = await this.page.locator('main tr', { hasText: text }).innerText();
      await this.picture(name.toLowerCase().replaceAll(' ', '-'));
    }
    return found;
  }

  async createHostile() {
    await this.page.goto(this.url);
    await this.page.getByLabel('Name of the deal').fill(HOSTILE);
    await this.page.getByLabel('#AWS').uncheck();
    await this.press('Create a tagged deal');
    await this.page.getByRole('link', { name: HOSTILE }).waitFor();
    return { title: await this.page.title(), scripts: await this.page.locator('script').count() };
  }
}

async function withoutScript(browser, url, name) {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(url);
  return page.locator('tr[data-deal]', { hasText: name }).count();
}

const [first, ...others] = process.argv.slice(2);
const answer = first === 'unpack' ? await browserPath() : await play(first, ...others);
process.stdout.write(`${JSON.stringify(answer)}\n`);
