/** `test.projects` with Dustpan in the root plugins. */
import { describe, expect, test } from 'vitest'
import { createProject, outcomes, type VitestVersion } from './project.ts'

const suite = (name: string) => `
import { temporaryFolder } from '@dustpan/core'
import { test } from 'vitest'
test('of ${name}', () => { temporaryFolder() })
`

const root = (projects: string, plugins = 'plugins: [dustpan()], ') => `
import { dustpan } from '@dustpan/vitest-plugin'
import { defineConfig } from 'vitest/config'
export default defineConfig({ ${plugins}test: { projects: [${projects}] } })
`

const untracked = `
import { temporaryFolder } from '@dustpan/core'
import { expect, test } from 'vitest'
test('of web', () => { expect(temporaryFolder).toThrow('was called outside a test, file or run') })
`

/** A plugin that sets a custom pool, as Cloudflare's does. */
const customPool = `
import { ForksPoolWorker } from 'vitest/node'
const pool = { name: 'theirs', createPoolWorker: (options) => new ForksPoolWorker(options) }
const setsPool = {
  name: 'sets-pool',
  configureVitest({ project: { config } }) { Object.assign(config, { pool: pool.name, poolRunner: pool }) },
}
`

/** The configuration file of a project. */
const own = (name: string) => `
import { defineConfig } from 'vitest/config'
export default defineConfig({ test: { name: '${name}', include: ['*.test.ts'] } })
`

const inline = (name: string, more = '') => `{ ${more}test: { name: '${name}', include: ['${name}/*.test.ts'] } }`
const tests = { 'api/a.test.ts': suite('api'), 'web/a.test.ts': suite('web') }
const removed = { 'of api': ['folder removed'], 'of web': ['folder removed'] }

describe.each<VitestVersion>(['4.1', '5'])('Vitest %s', (version) => {
  test.each([
    ['that do not extend the root', `${inline('api')}, ${inline('web')}`],
    ['of which one extends the root', `${inline('api', 'extends: true, ')}, ${inline('web')}`],
    ['with plugins of their own', `${inline('api', "plugins: [{ name: 'theirs' }], ")}, ${inline('web')}`],
    ['that have Dustpan too', `${inline('api', 'extends: true, plugins: [dustpan()], ')}, ${inline('web')}`],
    ['of which one is a configuration file', `'./api/vitest.config.ts', ${inline('web', 'extends: true, ')}`],
  ])('tracks projects %s', async (_, projects) => {
    const files = { ...tests, 'vitest.config.ts': root(projects), 'api/vitest.config.ts': own('api') }
    await using project = await createProject(files, version)
    const { report, output, exitCode } = await project.run()
    expect(exitCode, output).toBe(0)
    expect(outcomes(report), output).toEqual(removed)
    expect(output).not.toMatch(/DUSTPAN_|[Dd]uplicate/)
  })

  test('warns with DUSTPAN_NO_REPORTER when no project uses the plugins of the root', async () => {
    const projects = "'./api/vitest.config.ts', './web/vitest.config.ts'"
    const files = { 'api/vitest.config.ts': own('api'), 'web/vitest.config.ts': own('web') }
    await using project = await createProject({ ...tests, ...files, 'vitest.config.ts': root(projects) }, version)
    const { output } = await project.run()
    expect(output.match(/dustpan: DUSTPAN_NO_REPORTER: .*\bapi, web\b/g), output).toHaveLength(1)
  })

  test('does not track a project without the plugin when the root does not have it either', async () => {
    const files = {
      'vitest.config.ts': root(`${inline('api', 'plugins: [dustpan()], ')}, './web/vitest.config.ts'`, ''),
      'web/vitest.config.ts': own('web'),
      'api/a.test.ts': suite('api'),
      'web/a.test.ts': untracked,
    }
    await using project = await createProject(files, version)
    const { report, output, exitCode } = await project.run()
    expect(exitCode, output).toBe(0)
    expect(outcomes(report)).toEqual({ 'of api': ['folder removed'] })
  })

  test.each([
    ['of its own configuration', `{ test: { name: 'web', include: ['web/*.test.ts'], pool } }`],
    ['of a plugin that comes later', inline('web', 'extends: true, plugins: [setsPool], ')],
  ])('does not track a project in a custom pool %s, and warns with DUSTPAN_NO_FIXTURES', async (_, web) => {
    const files = {
      'vitest.config.ts': `${customPool}${root(`${inline('api')}, ${web}`)}`,
      'api/a.test.ts': suite('api'),
      'web/a.test.ts': untracked,
    }
    await using project = await createProject(files, version)
    const { report, output, exitCode } = await project.run()
    expect(exitCode, output).toBe(0)
    expect(outcomes(report)).toEqual({ 'of api': ['folder removed'] })
    expect(output.match(/dustpan: DUSTPAN_NO_FIXTURES: .*"web".*"theirs"/g), output).toHaveLength(1)
  })

  test.each([
    ['without projects', root('').replace('projects: []', 'pool')],
    ['with projects', root(`{ extends: true, test: { include: ['*.test.ts'], pool } }`)],
  ])('a run %s in a custom pool tracks nothing, and warns with DUSTPAN_NO_FIXTURES', async (_, rootConfig) => {
    const config = `${customPool}${rootConfig}`
    await using project = await createProject({ 'vitest.config.ts': config, 'a.test.ts': untracked }, version)
    const { output, exitCode } = await project.run()
    expect(exitCode, output).toBe(0)
    expect(output.match(/dustpan: DUSTPAN_.*/g), output).toEqual([
      expect.stringMatching(/DUSTPAN_NO_FIXTURES: .*"theirs"/),
    ])
  })

  test('vitest list prints the tests only', async () => {
    await using project = await createProject({ 'a.test.ts': suite('all') }, version, 'list')
    const { output, exitCode } = await project.run(version === '5' ? ['--no-static-parse'] : [])
    expect(exitCode, output).toBe(0)
    expect(output).toBe('a.test.ts > of all')
  })
})
