import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { track } from '@dustpan/core'
import { expect, test } from 'vitest'
import { dustpan } from './dustpan.ts'
import { openProject } from './project.ts'
import { startService } from './service.ts'

const secrets = {
  jwt: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3In0.c2lnbmF0dXJlc2lnbmF0dXJl',
  session: 'opaque-session-4f9a77c1d2',
  query: 'hunter2-in-a-query',
  title: 'hunter2-in-a-title',
  metadata: 'hunter2-in-metadata',
  message: 'hunter2-in-a-message',
}

test('secrets in keys, URLs, titles and metadata appear in no output', async () => {
  await using service = await startService()
  using project = openProject()
  const create = () => {
    track({ type: 'token', id: secrets.jwt, remove: `DELETE ${service.origin}/tokens/{id}` })
    track({ type: 'session', id: secrets.session, remove: `DELETE ${service.origin}/sessions/{id}` })
    const remove = `DELETE ${service.origin}/users/{id}`
    expect(() => track({ type: 'user', id: 7, remove: `${remove}?token=${secrets.query}` })).toThrow(
      expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT' }),
    )
    track({ type: 'user', id: 7, remove })
    track({ type: 'file', id: project.file('a'), metadata: { password: secrets.metadata } })
  }
  const fail = () =>
    Promise.reject(new Error(`password=${secrets.message} at ${service.origin}/x?token=${secrets.query}`))
  service.stuck.add(`/sessions/${secrets.session}`)
  const kept = await project.run({
    [`signs in with token=${secrets.title}`]: { verdict: 'failed', create },
  })
  const unended = {
    passes: { verdict: 'passed' as const, create: () => track({ type: 'thing', id: 1, remove: fail }) },
  }
  const other = await project.run(unended, { ended: false })
  const outputs = []
  for (const args of [
    ['list'],
    ['list', kept],
    ['list', other],
    ['list', other, '--json'],
    ['list', kept, '--json'],
    ['clean', kept, '--dry-run'],
    ['clean', kept, '--json'],
    ['clean', kept, '--yes'],
    ['list', kept, '--all', '--json'],
    ['whose', '7'],
    ['whose', secrets.session, '--json'],
    ['inspect', 'signs in'],
    ['inspect', 'signs in', '--json'],
    ['verify', kept],
    ['release', kept, '--dry-run'],
    ['orphans', '--dry-run'],
    ...['text', 'json', 'markdown', 'html', 'junit'].map((format) => ['report', kept, '--format', format]),
  ]) {
    const { out, err } = await dustpan(project.folder, args)
    outputs.push(`${args[0]}: ${out}${err}`)
  }
  outputs.push(execFileSync('cat', [...reports(project.ledger)], { encoding: 'utf8' }))
  expect(outputs.join('\n')).toContain('opaq***')
  expect(outputs.join('\n')).toContain('password=***')
  for (const [kind, secret] of Object.entries(secrets)) {
    expect(
      outputs.filter((output) => output.includes(secret)).map((output) => output.slice(0, 200)),
      kind,
    ).toEqual([])
  }
})

test('the audit log masks session keys, also in error messages of a store', async () => {
  await using service = await startService()
  using project = openProject()
  service.stuck.add(`/sessions/${secrets.session}`)
  const create = () => {
    track({ type: 'session', id: secrets.session, remove: `DELETE ${service.origin}/sessions/{id}` })
    const fail = ({ id }: { id: unknown }) => Promise.reject(new Error(`session ${id} is in use`))
    track({ type: 'session', id: `${secrets.session}9`, remove: fail })
  }
  await project.run({ passes: { verdict: 'passed', create } })
  const { out } = await dustpan(project.folder, ['audit'])
  expect(out).toContain('opaq***')
  expect(out + auditOf(project.ledger)).not.toContain(secrets.session)
})

test('secrets in metadata and titles appear in no file of the ledger', async () => {
  using project = openProject()
  const metadata = { password: secrets.metadata, login: { apiKey: secrets.metadata }, author: 'Ada' }
  const create = () => track({ type: 'file', id: project.file('a'), metadata })
  await project.run({ [`reaches postgres://u:${secrets.title}@db/x`]: { verdict: 'failed', create } })
  const files = execFileSync('grep', ['-rl', '', project.ledger], { encoding: 'utf8' }).trim().split('\n')
  const all = files.map((file) => readFileSync(file, 'utf8')).join('')
  expect(all).toContain('postgres://***@db/x')
  expect(all).toContain('"author":"Ada"')
  expect(all).not.toContain(secrets.metadata)
  expect(all).not.toContain(secrets.title)
})

test.for([{ password: 'hunter2' }, { user: { accessToken: 'hunter2' } }, [{ text: 'Bearer abcdefgh12345678' }]])(
  'a removal with a secret in its body is refused: %j',
  async (body) => {
    using project = openProject()
    const remove = { method: 'POST', url: 'http://localhost:1/users/{id}/close', body }
    const create = () =>
      expect(() => track({ type: 'user', id: 7, remove })).toThrow(
        expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT', message: expect.not.stringContaining('hunter2') }),
      )
    await project.run({ passes: { verdict: 'passed', create } })
  },
)

test('the id of the resource in the body of its removal does not count as a secret', async () => {
  using project = openProject()
  const body = { session: '{id}', sessionId: 7, reason: 'the test is over' }
  const remove = { method: 'POST', url: 'http://localhost:1/sessions/close', body }
  await project.run({ fails: { verdict: 'failed', create: () => track({ type: 'session', id: 'x', remove }) } })
  expect((await dustpan(project.folder, ['list', '--json'])).out).toContain('"kept": 1')
})

function auditOf(ledger: string): string {
  const folder = join(ledger, 'audit')
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('')
}

function reports(ledger: string): string[] {
  return execFileSync('find', [ledger, '-name', 'report.json'], { encoding: 'utf8' }).trim().split('\n')
}
