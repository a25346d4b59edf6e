import { expect, test } from 'vitest'
import { dustpan } from './dustpan.ts'
import { openProject } from './project.ts'

const here = process.cwd()

test('--help names every command and the exit codes', async () => {
  const { code, out } = await dustpan(here, ['--help'])
  expect(code).toBe(0)
  for (const name of ['list', 'clean', 'restore', 'report', '--json', 'Exit codes']) expect(out).toContain(name)
})

test.for(['list', 'clean', 'restore', 'report', 'release', 'whose', 'inspect', 'verify'])(
  '%s --help has examples, and the options that all commands take',
  async (command) => {
    const { code, out } = await dustpan(here, [command, '--help'])
    expect(code).toBe(0)
    expect(out).toContain('Examples:')
    expect(out).toContain('--dir <folder>')
  },
)

test('--version is the version of the package', async () => {
  expect((await dustpan(here, ['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test.for([
  [['lsit'], "unknown command 'lsit'", 'Did you mean list?'],
  [['clean', '--dry-rum'], "unknown option '--dry-rum'", 'Did you mean --dry-run?'],
  [['list', '--state', 'keptt'], 'There is no state "keptt"', 'kept'],
  [['list', '--limit', '0'], 'above 0', ''],
  [['list', 'one', 'two'], 'too many arguments', ''],
] as const)('%j is wrong use: exit 2, and what was meant', async ([args, message, suggestion]) => {
  const { code, out, err } = await dustpan(here, args)
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toContain(message)
  expect(err).toContain(suggestion)
})

test('--cwd that is not there is an error', async () => {
  using project = openProject()
  const { code, err } = await dustpan(`${project.folder}/nowhere`, ['list'])
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('there is no folder') })
})
