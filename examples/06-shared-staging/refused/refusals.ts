/** `npm run refused`: shows each refusal once, as it appears in the terminal. Exits with 1 when one of them is missing. */
import { exec } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ask, logInAsAdmin, tag } from '../shop.ts'

interface Refusal extends Command {
  /** Texts that the output must contain. */
  readonly says: readonly string[]
}

interface Command {
  readonly what: string
  readonly command: string
  readonly env?: Readonly<Record<string, string>>
}

const mistakes: Refusal = {
  what: 'Protected types and ids, and a database that is not to be reached directly',
  command: 'vitest run --root refused',
  says: ['protect.types', 'protect.ids.user', 'DUSTPAN_PROFILE_REFUSED', 'database: false', '0 removed'],
}

const refusals: readonly Refusal[] = [
  {
    what: 'The application does not let the tests in',
    command: 'vitest run',
    env: { SHOP_INTERNAL_KEY: 'the-key-of-another-environment' },
    says: ['DUSTPAN_ACCESS_DENIED', '401'],
  },
  {
    what: 'Neither this machine nor named in `allow`',
    command: `dustpan bulk --tag ${tag} --store database --dry-run`,
    env: { SHOP_ALLOW: 'database', SHOP_DATABASE: 'postgres://tester@db.elsewhere.example/shop' },
    says: ['DUSTPAN_HOST_REFUSED', 'db.elsewhere.example'],
  },
  {
    what: 'It looks like production',
    command: `dustpan bulk --tag ${tag} --dry-run`,
    env: { SHOP_URL: 'https://prod.shop.example' },
    says: ['DUSTPAN_HOST_REFUSED', 'prod.shop.example'],
  },
  {
    what: 'It is production, or a name that nobody knows',
    command: `dustpan bulk --tag ${tag} --dry-run`,
    env: { DUSTPAN_ENVIRONMENT: 'stagin' },
    says: ['shadow mode', '"stagin" is not a known name'],
  },
  {
    what: 'Everything at once',
    command: 'dustpan bulk --reset --yes',
    says: ['DUSTPAN_PROFILE_REFUSED', 'reset: false'],
  },
  {
    what: 'More than was meant',
    command: `dustpan bulk --tag ${tag} --type products --limit 1 --yes`,
    says: ['DUSTPAN_PREDICATE_REFUSED', 'at most 1'],
  },
  {
    what: 'Nobody has agreed',
    command: `dustpan bulk --tag ${tag} --type products`,
    says: ['there is no terminal to ask on'],
  },
  {
    what: 'What belongs to somebody who is no test account; here it is the application that refuses',
    command: 'dustpan bulk --owner 2 --yes',
    says: ['403', 'no mark of test data'],
  },
]

const ledger = mkdtempSync(join(tmpdir(), 'refusals-'))
const missing = [...(await notRefused([mistakes])), ...(await notRefused(refusals))]
await tidyUp()
for (const { what } of missing) console.log(`✗ Not refused as it should be: ${what}`)
rmSync(ledger, { recursive: true })
process.exitCode = missing.length === 0 ? 0 : 1

async function notRefused(some: readonly Refusal[]): Promise<Refusal[]> {
  const outputs = await Promise.all(some.map(run))
  for (const [i, refusal] of some.entries()) console.log(told(refusal, outputs[i] ?? ''))
  return some.filter(({ says }, i) => !says.every((text) => outputs[i]?.includes(text)))
}

/** The output of a command; most of these fail on purpose. */
async function run({ command, env }: Command): Promise<string> {
  const environment = { ...process.env, DUSTPAN_DIR: ledger, NO_COLOR: '1', ...env }
  const started = promisify(exec)(command, { env: environment })
  started.child.stdin?.end()
  const { stdout, stderr } = await started.catch((error: { stdout: string; stderr: string }) => error)
  return `${stdout}${stderr}`.trim()
}

function told({ what, command, env = {} }: Command, output: string): string {
  const given = Object.entries(env).map(([name, value]) => `${name}=${value} `)
  return `\n# ${what}\n$ ${given.join('')}${command}\n\n${output}`
}

/** Removes what was refused, by allowing it, and what is protected, by hand. */
async function tidyUp(): Promise<void> {
  const command = 'dustpan clean --yes --cwd refused --type products'
  const allowed: Command = { what: 'The same rows, allowed', command, env: { SHOP_ALLOW: 'database' } }
  console.log(told(allowed, await run(allowed)))
  const admin = await logInAsAdmin()
  const { body } = await ask(`GET /categories?name_begins=test-${tag}-`, undefined, admin)
  for (const { id } of body) await ask(`DELETE /categories/${id}`, undefined, admin)
}
