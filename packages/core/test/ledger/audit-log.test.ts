import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readAudit, recordAudit } from '../../src/ledger/audit-log.ts'
import { who } from '../../src/ledger/who.ts'
import { scratchFolder } from '../settings.ts'

const environmentName = 'staging'
const fact = {
  what: 'by-predicate',
  result: 'removed',
  store: 'postgres://localhost/shop',
  type: 'users',
  count: 3,
} as const

test('audit entries have time, user and host, in a file that is private and ignored by git', () => {
  const dir = join(scratchFolder(), '.dustpan')
  recordAudit({ dir, environmentName }, [fact, { ...fact, type: 'orders' }])
  const [file = ''] = readdirSync(join(dir, 'audit'))
  expect(file).toMatch(/^\d{4}-\d\d\.jsonl$/)
  expect(statSync(join(dir, 'audit', file)).mode & 0o777).toBe(0o600)
  expect(readFileSync(join(dir, '.gitignore'), 'utf8')).toBe('*\n')
  const { entries, torn } = readAudit(dir)
  expect(torn).toBe(0)
  expect(entries).toMatchObject([
    { ...fact, environment: 'staging', by: { host: hostname() } },
    { ...fact, type: 'orders' },
  ])
  expect(Math.abs(Date.parse(entries[0]?.at ?? '') - Date.now())).toBeLessThan(60_000)
})

test('audit entries are only appended; a torn line is counted and affects no other', () => {
  const dir = scratchFolder()
  recordAudit({ dir, environmentName }, [fact])
  const file = join(dir, 'audit', readdirSync(join(dir, 'audit'))[0] ?? '')
  const before = readFileSync(file, 'utf8')
  appendFileSync(file, '{"v":1,"at":"2026-')
  recordAudit({ dir, environmentName }, [fact])
  expect(readFileSync(file, 'utf8').startsWith(before)).toBe(true)
  expect(readAudit(dir)).toMatchObject({ entries: [fact, fact], torn: 1 })
})

test('no entries write no file, and a missing log is empty', () => {
  const dir = join(scratchFolder(), '.dustpan')
  recordAudit({ dir, environmentName }, [])
  expect(existsSync(dir)).toBe(false)
  expect(readAudit(dir)).toEqual({ entries: [], torn: 0 })
})

test('months are read in order', () => {
  const dir = scratchFolder()
  mkdirSync(join(dir, 'audit'))
  const line = (at: string) => `${JSON.stringify({ ...fact, v: 1, at, by: {}, environment: 'local' })}\n`
  writeFileSync(join(dir, 'audit', '2026-11.jsonl'), line('2026-11-01T00:00:00.000Z'))
  writeFileSync(join(dir, 'audit', '2026-02.jsonl'), line('2026-02-01T00:00:00.000Z'))
  expect(readAudit(dir).entries.map(({ at }) => at.slice(0, 7))).toEqual(['2026-02', '2026-11'])
})

test('an unwritable audit log throws DUSTPAN_LEDGER_UNWRITABLE', () => {
  const dir = scratchFolder()
  writeFileSync(join(dir, 'audit'), 'a file')
  const write = () => recordAudit({ dir, environmentName }, [fact])
  expect(write).toThrow(expect.objectContaining({ code: 'DUSTPAN_LEDGER_UNWRITABLE' }))
})

test('who() on CI is the user who started the build', () => {
  expect(who({ GITHUB_ACTOR: 'anna' }).user).toBe('anna')
  expect(who({ GITLAB_USER_LOGIN: '', BUILDKITE_BUILD_CREATOR: 'ben' }).user).toBe('ben')
})

test('who() contains the CI job, if any', () => {
  expect(who({ CI_JOB_ID: '4711' })).toMatchObject({ job: '4711', host: hostname() })
  expect(who({})).not.toHaveProperty('job')
  expect(who({}).user).not.toBe('')
})
