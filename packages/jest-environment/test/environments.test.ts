/** Tests are tracked exactly once in every test environment. */
import { startApi } from '@dustpan/conformance'
import { beforeAll, describe, expect, test } from 'vitest'
import { create, createProject, install, outcomes, versions } from './project.ts'

const passing = (title: string) => `${create}test('${title}', async () => { await create('users') })\n`

/** Split, because Vitest would read such a docblock in this file. */
const docblock = (environment: string) => `/** @jest-${'environment'} ${environment} */`

/** jsdom has no fetch. */
const inPage = (title: string) => `test('${title}', (done) => {
  expect(document.defaultView).toBe(window)
  const request = new XMLHttpRequest()
  request.open('POST', process.env.API + '/users')
  request.onload = () => done()
  request.send()
})\n`

const ownEnvironment = `const { TestEnvironment } = require('jest-environment-node')
const { appendFileSync } = require('node:fs')
module.exports = class extends TestEnvironment {
  async setup() { await super.setup(); this.global.ownEnvironment = true }
  handleTestEvent = async ({ name, test }) => { if (name === 'test_done') appendFileSync('seen', test.name + ';') }
  async teardown() { appendFileSync('seen', 'teardown;'); await super.teardown() }
}
`
const inOwn = (title: string) =>
  `${create}test('${title}', async () => { expect(ownEnvironment).toBe(true); await create('users') })\n`

beforeAll(install)

describe.each(versions)('Jest %s', (version) => {
  test('the test runner tracks tests in the default environment and in those of docblocks', async () => {
    await using api = await startApi()
    await using project = await createProject(
      {
        'default.test.js': passing('default'),
        'page.test.js': `${docblock('jsdom')}\n${inPage('page')}`,
        'own-environment.js': ownEnvironment,
        'own.test.js': `${docblock('./own-environment.js')}\n${inOwn('own')}`,
        'both.test.js': `${docblock('@dustpan/jest-environment')}\n${passing('both')}`,
        'both-page.test.js': `${docblock('@dustpan/jest-environment/jsdom')}\n${inPage('both in a page')}`,
      },
      version,
    )
    const { report, output, exitCode } = await project.run(['--runInBand'], { API: api.url })

    expect(exitCode, output).toBe(0)
    expect(output).not.toContain('DUSTPAN_')
    expect(outcomes(report), output).toEqual({
      default: ['user removed'],
      page: ['user removed'],
      own: ['user removed'],
      both: ['user removed'],
      'both in a page': ['user removed'],
    })
    expect(api.left()).toEqual([])
    expect(api.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(5)
    expect(await project.read('seen')).toBe('own;teardown;')
  })

  test('without the test runner, Dustpan’s, wrapped and extended environments track tests', async () => {
    await using api = await startApi()
    await using project = await createProject(
      {
        'jest.config.js': `module.exports = {
          testEnvironment: '@dustpan/jest-environment',
          reporters: ['default', '@dustpan/jest-environment/reporter'],
        }`,
        'default.test.js': `const { scope } = require('@dustpan/core')\n${create}
          test('default', async () => { await create('users'); expect(scope().created()).toHaveLength(1) })`,
        'page.test.js': `${docblock('@dustpan/jest-environment/jsdom')}\n${inPage('page')}`,
        'own-environment.js': ownEnvironment,
        'wrapped.js': `module.exports = require('@dustpan/jest-environment').wrapEnvironment(require('./own-environment.js'))`,
        'wrapped.test.js': `${docblock('./wrapped.js')}\n${inOwn('wrapped')}`,
        'extended.js': `const { default: DustpanEnvironment } = require('@dustpan/jest-environment')
          module.exports = class extends DustpanEnvironment {
            handleTestEvent = () => {}
            async setup() { await super.setup(); this.global.ownEnvironment = true }
          }`,
        'extended.test.js': `${docblock('./extended.js')}\n${inOwn('extended')}`,
      },
      version,
    )
    const { report, output, exitCode } = await project.run(['--runInBand'], { API: api.url })

    expect(exitCode, output).toBe(0)
    expect(output).not.toContain('DUSTPAN_')
    expect(outcomes(report), output).toEqual({
      default: ['user removed'],
      page: ['user removed'],
      wrapped: ['user removed'],
      extended: ['user removed'],
    })
    expect(api.left()).toEqual([])
    expect(await project.read('seen')).toBe('wrapped;teardown;')
  })
})
