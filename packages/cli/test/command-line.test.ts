import { track } from '@dustpan/core'
import { expect, test } from 'vitest'
import { dustpan } from './dustpan.ts'
import { openProject } from './project.ts'

const here = process.cwd()

test('--help lists commands, options and exit codes', async () => {
  const { code, out } = await dustpan(here, ['--help'])
  expect(code).toBe(0)
  for (const name of ['list', 'clean', 'restore', 'report', '--json', 'Exit codes']) expect(out).toContain(name)
})

test.for(['list', 'clean', 'restore', 'report', 'release', 'whose', 'inspect', 'verify'])(
  '%s --help shows examples and the common options',
  async (command) => {
    const { code, out } = await dustpan(here, [command, '--help'])
    expect(code).toBe(0)
    expect(out).toContain('Examples:')
    expect(out).toContain('--dir <folder>')
  },
)

test('--version prints the version of the package', async () => {
  expect((await dustpan(here, ['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test.for([
  [['lsit'], "unknown command 'lsit'", 'Did you mean list?'],
  [['clean', '--dry-rum'], "unknown option '--dry-rum'", 'Did you mean --dry-run?'],
  [['list', '--state', 'keptt'], 'Unknown state "keptt"', 'kept'],
  [['list', '--limit', '0'], 'above 0', ''],
  [['list', 'one', 'two'], 'too many arguments', ''],
] as const)('%j is a usage error: exit code 2 and a suggestion', async ([args, message, suggestion]) => {
  const { code, out, err } = await dustpan(here, args)
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toContain(message)
  expect(err).toContain(suggestion)
})

test('a --cwd that does not exist is an error', async () => {
  using project = openProject()
  const { code, err } = await dustpan(`${project.folder}/nowhere`, ['list'])
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('does not exist') })
})

test.for([
  ['forget', '', '--yes'],
  ['forget', ' ', '--yes'],
  ['clean', ''],
  ['release', ''],
  ['restore', ''],
  ['list', ''],
  ['report', ''],
  ['verify', ''],
  ['whose', 'user', ''],
  ['inspect', ''],
  ['clean', 'latest', '--test', '', '--yes'],
  ['clean', 'latest', '--test=', '--yes'],
  ['clean', 'latest', '--id', '', '--yes'],
  ['clean', 'latest', '--id', ',', '--yes'],
  ['clean', 'latest', '--state', '', '--yes'],
  ['release', 'latest', '--test', ''],
  ['restore', 'latest', '--type', ''],
  ['inspect', 'cart', '--run', ''],
  ['ci', 'clean', '--build', ''],
  ['ci', 'clean', '--record', ''],
  ['db', 'status', '--store', ''],
  ['db', 'status', '--table', ''],
  ['report', '--output', ''],
  ['list', '--dir', ''],
])('%j: an empty argument is refused, and does not match everything', async (args) => {
  using project = openProject()
  await project.run({ fails: { verdict: 'failed', create: () => track({ type: 'file', id: project.file('a.txt') }) } })
  const { code, out, err } = await dustpan(project.folder, args)
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toContain('DUSTPAN_INVALID_ARGUMENT')
  expect(err).toMatch(/is empty/)
  expect((await dustpan(project.folder, ['list', '--json'])).out).toContain('"kept": 1')
})

test('with --json an error is printed as JSON', async () => {
  using project = openProject()
  const unknown = await dustpan(project.folder, ['list', 'nothing', '--json'])
  expect([unknown.code, JSON.parse(unknown.out)]).toEqual([
    2,
    { error: { code: 'DUSTPAN_UNKNOWN_RUN', message: expect.any(String), hint: expect.any(String) } },
  ])
  const wrong = await dustpan(project.folder, ['list', '--limit', '0', '--json'])
  expect([wrong.code, JSON.parse(wrong.out)]).toEqual([2, { error: { message: expect.stringContaining('above 0') } }])
})
