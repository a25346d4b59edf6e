import { execFileSync } from 'node:child_process'
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

test('what is secret in keys, URLs, titles and metadata is in no output', async () => {
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

function reports(ledger: string): string[] {
  return execFileSync('find', [ledger, '-name', 'report.json'], { encoding: 'utf8' }).trim().split('\n')
}
