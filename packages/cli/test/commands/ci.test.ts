import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Api, startApi } from '@dustpan/conformance'
import { carriedRun, lockRun, packRun, unpackRun } from '@dustpan/core/ledger'
import { execa } from 'execa'
import { expect, onTestFinished, test } from 'vitest'
import { spawnDustpan } from '../dustpan.ts'

const post = (path: string) => `await (await fetch(process.env.API + '/${path}', { method: 'POST' })).json()`

/** Creates a user and an order, and returns the user's id and a login. */
const twoThings = `
export default async ({ build, testId, environment }) => {
  const user = ${post('users')}
  ${post('orders')}
  console.log('on standard output')
  return { userId: user.id, login: [build, environment].join('-') }
}
`

interface Job {
  readonly folder: string
  readonly ledger: string
  ci(args: string, env?: Record<string, string>): ReturnType<typeof spawnDustpan>
}

/** The project's checkout on one machine: each job has its own. */
function job(api: Api, source: string = twoThings, config: object = {}): Job {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'dustpan-ci-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }))
  const retry = { attempts: 1 }
  const all = { cleanup: { retry }, prepare: './test-data.mjs', ...config }
  writeFileSync(join(folder, 'dustpan.config.json'), JSON.stringify(all))
  writeFileSync(join(folder, 'test-data.mjs'), source)
  const own = { API: api.url, DUSTPAN_REAPER: '0', GITHUB_OUTPUT: '', GITHUB_RUN_ID: '', CI_PIPELINE_ID: '' }
  return {
    folder,
    ledger: join(folder, '.dustpan'),
    ci: (args, env = {}) => spawnDustpan(folder, ['ci', ...args.split(' ')], { env: { ...own, ...env } }),
  }
}

async function service(): Promise<Api> {
  const api = await startApi()
  onTestFinished(() => api[Symbol.asyncDispose]())
  return api
}

const variablesIn = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )

/** A prepared build, and the outputs of its job. */
async function prepared(api: Api, source?: string) {
  const first = job(api, source)
  const { exitCode, stdout, stderr } = await first.ci('prepare --build 77')
  expect(exitCode, stderr).toBe(0)
  return { first, handedOn: variablesIn(stdout) }
}

test('resources of a prepare job survive it, and a job on another machine removes them', async () => {
  const api = await service()
  const { first, handedOn } = await prepared(api)
  expect(handedOn).toEqual({
    TEST_ID: expect.stringMatching(/^\d{8}-\d{6}-[a-z\d]{6}$/),
    TEST_BUILD_ID: '77',
    userId: '1',
    login: '77-local',
    DUSTPAN_RECORD: expect.stringMatching(/^v1\.[\w-]{16}\.[\w-]+$/),
  })
  expect(api.left()).toEqual(['orders/2', 'users/1'])
  const last = job(api)
  const cleaned = await last.ci('clean', handedOn)
  expect([cleaned.exitCode, api.left()], cleaned.stderr + cleaned.stdout).toEqual([0, []])
  expect(cleaned.stdout).toContain('Build 77: 2 of 2 resources removed.')
  const again = await last.ci('clean', handedOn)
  expect([again.exitCode, again.stdout]).toEqual([0, 'Build 77 is already clean.'])
  // The first machine reads its own ledger instead of DUSTPAN_RECORD.
  expect((await first.ci('clean --build 77')).exitCode).not.toBe(2)
})

test('resources on the localhost of another machine are refused without any request', async () => {
  const api = await service()
  const { first, handedOn } = await prepared(api)
  const carried = carriedRun(first.ledger, handedOn.TEST_ID ?? '', '77')
  const journals = Object.entries(carried.journals).map(([writer, events]) => [
    writer,
    events.map((event) => (event.e === 'writer' ? { ...event, host: 'runner-2' } : event)),
  ])
  const record = packRun({ ...carried, journals: Object.fromEntries(journals) })
  const asked = api.requests.length
  const cleaned = await job(api).ci('clean', { ...handedOn, DUSTPAN_RECORD: record })
  expect([cleaned.exitCode, api.requests.length], cleaned.stdout).toEqual([3, asked])
  expect(cleaned.stderr).toContain('DUSTPAN_WRONG_STORE')
  expect(cleaned.stderr).toMatch(/created\s+on\s+runner-2/)
})

test('resources of another machine at a private host name are planned only with sameEverywhere', async () => {
  const api = await service()
  const { first, handedOn } = await prepared(api)
  const carried = JSON.stringify(carriedRun(first.ledger, handedOn.TEST_ID ?? '', '77'))
    .replaceAll(api.url, 'http://shop.internal:3000')
    .replaceAll(/"host":"[^"]*"/g, '"host":"runner-2"')
  const env = { ...handedOn, DUSTPAN_RECORD: packRun(JSON.parse(carried)), DUSTPAN_SHADOW: '1' }
  const allow = ['shop.internal']
  const held = await job(api, twoThings, { allow }).ci('clean', env)
  expect(held.stdout + held.stderr).toContain('sameEverywhere: ["shop.internal"]')
  const named = await job(api, twoThings, { allow, sameEverywhere: ['*.internal'] }).ci('clean', env)
  expect(named.stdout + named.stderr).not.toContain('DUSTPAN_WRONG_STORE')
  expect(named.stdout).toContain('2 resources of build 77 would be removed')
})

test('prepare writes GitHub step outputs, and updates a GitLab dotenv file without losing other lines', async () => {
  const api = await service()
  const first = job(api)
  const file = join(first.folder, 'output')
  const github = await first.ci('prepare', { GITHUB_OUTPUT: file, GITHUB_RUN_ID: '900' })
  expect([github.exitCode, github.stdout], github.stderr).toEqual([0, ''])
  expect(variablesIn(readFileSync(file, 'utf8'))).toMatchObject({ TEST_BUILD_ID: '900', userId: '1' })
  writeFileSync(join(first.folder, 'ci.env'), 'VERSION=7\nTEST_ID=old\n')
  const gitlab = await first.ci('prepare --dotenv ci.env', { CI_PIPELINE_ID: '901' })
  expect(gitlab.exitCode, gitlab.stderr).toBe(0)
  const text = readFileSync(join(first.folder, 'ci.env'), 'utf8')
  expect(variablesIn(text)).toMatchObject({ VERSION: '7', TEST_BUILD_ID: '901', userId: '3' })
  expect(text.match(/^TEST_ID=/gm)).toHaveLength(1)
  expect(text).not.toContain('\n\n')
})

test('values in a dotenv file are quoted so that a shell reads them unchanged', async () => {
  const odd = { product: 'Mop 77', run: 'a$(touch pwned)`touch pwned`', name: "O'Hara & Söhne" }
  const first = job(await service(), `export default () => (${JSON.stringify(odd)})`)
  const { stdout } = await first.ci('prepare --build 77')
  writeFileSync(join(first.folder, 'ci.env'), `${stdout}\n`)
  const script = 'set -a; . ./ci.env; printf "%s\\n" "$product" "$run" "$name" "$TEST_BUILD_ID"'
  const said = await execa('sh', ['-c', script], { cwd: first.folder })
  expect(said.stdout.split('\n')).toEqual([...Object.values(odd), '77'])
  expect(existsSync(join(first.folder, 'pwned'))).toBe(false)
})

test('when the prepare module fails, its resources are removed and nothing is left for the clean job', async () => {
  const api = await service()
  const first = job(api, `export default async () => { ${post('users')}; throw new Error('no more') }`)
  const { exitCode, stdout, stderr } = await first.ci('prepare --build 77')
  expect([exitCode, api.left()], stderr).toEqual([1, []])
  expect(stderr).toContain('DUSTPAN_PREPARE_FAILED')
  expect(stderr).toContain('no more')
  const cleaned = await job(api).ci('clean', variablesIn(stdout))
  expect([cleaned.exitCode, cleaned.stdout]).toEqual([0, 'Nothing to clean up: no records of build 77.'])
})

test('secrets in the error of the prepare module are masked', async () => {
  const api = await service()
  const failing = `export default async () => { throw new Error('connect postgres://u:hunter2@localhost/x failed') }`
  const { exitCode, stderr } = await job(api, failing).ci('prepare --build 77')
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('postgres://***@localhost/x failed')])
  expect(stderr).not.toContain('hunter2')
})

test('a run that is locked by another process is reported, and the exit code is 1', async () => {
  const api = await service()
  const first = job(api)
  await first.ci('prepare --build 77')
  const [run = ''] = readdirSync(join(first.ledger, 'runs'))
  using _lock = lockRun(first.ledger, run)
  const { exitCode, stdout, stderr } = await first.ci('clean --build 77')
  expect([exitCode, stdout]).toEqual([1, 'Build 77: 1 run could not be cleaned, see errors above.'])
  expect(stderr).toContain('DUSTPAN_RUN_LOCKED')
})

test('resources that a failed prepare could not remove are passed on to the clean job', async () => {
  const api = await service()
  api.refuse(/^users/, 403)
  const first = job(api, `export default async () => { ${post('users')}; process.exit(5) }`)
  const { exitCode, stdout, stderr } = await first.ci('prepare --build 77')
  expect([exitCode, api.left()], stderr).toEqual([1, ['users/1']])
  expect(stderr).toContain('its process exited with 5 before it was done')
  const cleaned = await job(api).ci('clean', variablesIn(stdout))
  expect([cleaned.exitCode, cleaned.stdout]).toEqual([1, expect.stringContaining('0 of 1 resource removed')])
})

test.each([
  ['may be a secret', `{ password: 'TestPass1!' }`],
  ['may be a secret', `{ url: 'http://carl:hidden@localhost/' }`],
  ['is not a valid output name', `{ DUSTPAN_RECORD: 'v1' }`],
  ['is not a single line of text', `{ users: [1, 2] }`],
  ['is not an object', `'7'`],
])('a value that cannot be an output fails the job and its resources are removed: %s', async (says, returned) => {
  const api = await service()
  const first = job(api, `export default async () => { ${post('users')}; return ${returned} }`)
  const { exitCode, stdout, stderr } = await first.ci('prepare --build 77')
  expect([exitCode, api.left()], stderr).toEqual([1, []])
  expect(stderr).toContain(says)
  expect(stdout + stderr).not.toContain('hidden')
})

test('prepare fails when a resource is removed by a function, which other jobs do not have', async () => {
  const api = await service()
  const source = `import { track } from '${import.meta.resolve('@dustpan/core')}'
    export default () => void track({ type: 'thing', id: 1, remove: async () => {} })`
  const { exitCode, stderr } = await job(api, source).ci('prepare --build 77')
  expect([exitCode, stderr]).toEqual([
    1,
    expect.stringContaining('removed by a function, which other jobs do not have'),
  ])
})

const many = (count: number) => `export default async () => { for (let i = 0; i < ${count}; i++) ${post('users')} }`

test('DUSTPAN_RECORD_NOT_HANDED_ON for a record over the output limit; --no-record passes the folder', async () => {
  const api = await service()
  const first = job(api, many(900))
  const { exitCode, stderr } = await first.ci('prepare --build 77 --dotenv ci.env')
  expect([exitCode, api.left()], stderr).toEqual([1, []])
  expect(stderr).toContain('DUSTPAN_RECORD_NOT_HANDED_ON')
  expect(stderr).toContain('GitLab limits a dotenv report to 5 KB')
  const whole = job(api, many(900))
  expect((await whole.ci('prepare --build 77 --dotenv ci.env --no-record')).exitCode).toBe(0)
  const handedOn = variablesIn(readFileSync(join(whole.folder, 'ci.env'), 'utf8'))
  expect(Object.keys(handedOn)).toEqual(['TEST_ID', 'TEST_BUILD_ID'])
  const last = job(api)
  const lost = await last.ci('clean', handedOn)
  expect([lost.exitCode, lost.stderr]).toEqual([2, expect.stringContaining('DUSTPAN_UNKNOWN_RUN')])
  cpSync(whole.ledger, last.ledger, { recursive: true })
  const cleaned = await last.ci('clean', handedOn)
  expect([cleaned.exitCode, api.left()], cleaned.stderr + cleaned.stdout).toEqual([0, []])
})

test('prepare fails, and prints no key, when a key may be a secret', async () => {
  const api = await service()
  const source = `import { track } from '${import.meta.resolve('@dustpan/core')}'
    export default () => void track({ type: 'session', id: 'a-very-secret-key-of-mine', remove: 'DELETE ' + process.env.API + '/sessions/{id}' })`
  const { exitCode, stdout, stderr } = await job(api, source).ci('prepare --build 77')
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('the key of a session may be a secret')])
  expect(stdout + stderr).not.toContain('very-secret-key-of-mine')
})

test('without a build id clean has nothing to do, and prepare is a usage error', async () => {
  const api = await service()
  const one = job(api)
  const cleaned = await one.ci('clean')
  expect([cleaned.exitCode, cleaned.stdout]).toEqual([
    0,
    'Nothing to clean up: no build id given, and no record passed on.',
  ])
  expect(await one.ci('prepare')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('No build id given') })
  const unknown = await one.ci('clean --build 78')
  expect([unknown.exitCode, unknown.stdout]).toEqual([0, 'Nothing to clean up: no records of build 78.'])
})

test('DUSTPAN_RECORD_INVALID for a truncated or altered record, one of another build, or unsafe paths', async () => {
  const api = await service()
  const { first, handedOn } = await prepared(api)
  const { DUSTPAN_RECORD = '', TEST_ID = '' } = handedOn
  const carried = carriedRun(first.ledger, TEST_ID, '77')
  const [writer = '', events = []] = Object.entries(carried.journals)[0] ?? []
  const last = job(api)
  for (const [record, args] of [
    [DUSTPAN_RECORD.slice(0, -9), 'clean'],
    [DUSTPAN_RECORD.replace(/^v1/, 'v2'), 'clean'],
    [`${DUSTPAN_RECORD}.x`, 'clean'],
    [DUSTPAN_RECORD, 'clean --build 78'],
    [packRun({ ...carried, run: '../../elsewhere' }), 'clean'],
    [packRun({ ...carried, journals: { [`../${writer}`]: events } }), 'clean'],
    [packRun({ ...carried, run: '20260101-000000-aaaaaa' }), 'clean'],
    [packRun({ ...carried, journals: { [writer]: [{ e: 'created' }] as never } }), 'clean'],
  ] as const) {
    const { exitCode, stderr } = await last.ci(args, { DUSTPAN_RECORD: record })
    expect([exitCode, stderr], record.slice(0, 30)).toEqual([2, expect.stringContaining('DUSTPAN_RECORD_INVALID')])
  }
  expect(existsSync(last.ledger)).toBe(false)
  expect(api.left()).toHaveLength(2)
  expect(unpackRun(DUSTPAN_RECORD)).toEqual(carried)
})

test('a prepare job that is interrupted or killed leaves no resources', async () => {
  const api = await service()
  const waits = `export default async () => { ${post('users')}; await fetch(process.env.API + '/ready'); await new Promise((resolve) => setTimeout(resolve, 1e6)) }`
  const ready = async (times: number) => {
    while (api.requests.filter(({ path }) => path === 'ready').length < times)
      await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const first = job(api, waits)
  const interrupted = first.ci('prepare --build 77')
  await ready(1)
  interrupted.kill('SIGINT')
  const { exitCode, stderr } = await interrupted
  expect([exitCode, api.left()], stderr).toEqual([1, []])
  expect(stderr).toContain('it was interrupted')

  const killed = first.ci('prepare --build 77', { DUSTPAN_REAPER: '1' })
  await ready(2)
  expect(api.left()).toHaveLength(1)
  killed.kill('SIGKILL')
  await killed
  while (api.left().length > 0) await new Promise((resolve) => setTimeout(resolve, 50))
})

test('a run that may still be in progress elsewhere is cleaned only with --over', async () => {
  const api = await service()
  const { first, handedOn } = await prepared(api)
  const { TEST_ID = '' } = handedOn
  const carried = carriedRun(first.ledger, TEST_ID, '77')
  const last = job(api)
  const folder = join(last.ledger, 'runs', TEST_ID)
  mkdirSync(folder, { recursive: true })
  // The ledger of a job that was killed on another machine while its test ran.
  for (const [writer, events] of Object.entries(carried.journals)) {
    const open = events.filter(({ e }) => e !== 'kept' && e !== 'run.ended')
    const elsewhere = open.map((event) =>
      event.e === 'writer' ? { ...event, host: 'elsewhere', boot: 'other' } : event,
    )
    writeFileSync(
      join(folder, `${writer}.jsonl`),
      elsewhere.map((event) => `${JSON.stringify({ ...event, t: Date.now() })}\n`).join(''),
    )
  }
  const left = await last.ci('clean --build 77')
  expect([left.exitCode, api.left().length, left.stdout]).toEqual([1, 2, expect.stringContaining('--over')])
  const cleaned = await last.ci('clean --build 77 --over')
  expect([cleaned.exitCode, api.left()], cleaned.stderr + cleaned.stdout).toEqual([0, []])
})

test('prepare and clean print JSON with --json, and clean --dry-run removes nothing', async () => {
  const api = await service()
  const first = job(api)
  const { stdout } = await first.ci('prepare --build 77 --json')
  const handedOn = JSON.parse(stdout)
  expect(handedOn).toMatchObject({ TEST_BUILD_ID: '77', userId: '1' })
  const dry = await first.ci('clean --build 77 --dry-run')
  expect([dry.exitCode, dry.stdout, api.left().length]).toEqual([
    0,
    expect.stringContaining('this is a dry run. 2 resources'),
    2,
  ])
  const { stdout: cleaned } = await first.ci('clean --build 77 --json')
  expect(JSON.parse(cleaned)).toMatchObject({ build: '77', runs: [{ run: handedOn.TEST_ID, due: 2, left: 0 }] })
  expect(readdirSync(join(first.ledger, 'runs', handedOn.TEST_ID))).toContain('report.json')
})

test('prepare without a module, or with one that does not exist, is a configuration error', async () => {
  const api = await service()
  const { exitCode, stderr } = await job(api, '', { prepare: './nothing.mjs' }).ci('prepare --build 77')
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('prepare: the file')])
  const none = await job(api, '', { prepare: undefined }).ci('prepare --build 77')
  expect([none.exitCode, none.stderr]).toEqual([2, expect.stringContaining('prepare: no module set')])
})
