/** `test.projects`, with Dustpan in the plugins of the root only. */
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

/** Sets the pool as Cloudflare's plugin does. */
const customPool = `
import { ForksPoolWorker } from 'vitest/node'
const pool = { name: 'theirs', createPoolWorker: (options) => new ForksPoolWorker(options) }
const setsPool = {
  name: 'sets-pool',
  configureVitest({ project: { config } }) { Object.assign(config, { pool: pool.name, poolRunner: pool }) },
}
`

/** A project with a configuration file of its own. */
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

  test('says so where none of the projects takes the plugins of the root', async () => {
    const projects = "'./api/vitest.config.ts', './web/vitest.config.ts'"
    const files = { 'api/vitest.config.ts': own('api'), 'web/vitest.config.ts': own('web') }
    await using project = await createProject({ ...tests, ...files, 'vitest.config.ts': root(projects) }, version)
    const { output } = await project.run()
    expect(output.match(/dustpan: DUSTPAN_NO_REPORTER: .*\bapi, web\b/g), output).toHaveLength(1)
  })

  test('leaves a project alone whose configuration does not have it, where the root has not either', async () => {
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
  ])('does not run in a custom pool %s, and says so', async (_, web) => {
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

  test('a run whose only pool is a custom one tracks nothing, and says so', async () => {
    const config = `${customPool}${root('').replace('projects: []', 'pool')}`
    await using project = await createProject({ 'vitest.config.ts': config, 'a.test.ts': untracked }, version)
    const { output, exitCode } = await project.run()
    expect(exitCode, output).toBe(0)
    expect(output.match(/dustpan: DUSTPAN_NO_FIXTURES: .*"theirs"/g), output).toHaveLength(1)
  })

  test('lists tests', async () => {
    await using project = await createProject({ 'a.test.ts': suite('all') }, version, 'list')
    const { output, exitCode } = await project.run(version === '5' ? ['--no-static-parse'] : [])
    expect(exitCode, output).toBe(0)
    expect(output).toBe('a.test.ts > of all')
  })
})
