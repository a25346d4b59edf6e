/** A project with Mocha installed. */
import { createProject as createAny, type Project } from '@dustpan/conformance'

export { outcomes, type Project, resources } from '@dustpan/conformance'

export const mochaVersions = ['12.0.3', '11.8.0'] as const
export type MochaVersion = (typeof mochaVersions)[number]

export const withPlugin = { '.mocharc.json': '{ "require": ["@dustpan/mocha-plugin"], "spec": "test/*" }' }

/** `create` and `stillThere` for CommonJS files. */
export const api = `
const create = async (type) => (await fetch(process.env.API + '/' + type, { method: 'POST' })).json()
const stillThere = async (path) => (await fetch(process.env.API + '/' + path)).status === 200
`

/** The interrupt timeout is long enough for a busy machine. */
export const conditional = {
  'dustpan.config.js': `module.exports = { cleanup: { strategy: 'conditional', interruptTimeout: '2m' } }`,
}

/** A CommonJS project, unless its package.json says otherwise. */
export function createProject(
  files: Readonly<Record<string, string>>,
  version: MochaVersion = '12.0.3',
): Promise<Project> {
  return createAny({
    dependencies: { mocha: version, tsx: '4.23.15' },
    packages: ['@dustpan/core', '@dustpan/mocha-plugin', '@dustpan/sqlite'],
    files: { 'package.json': '{ "version": "1.2.3" }', ...withPlugin, ...files },
    command: ['node_modules/mocha/bin/mocha.js'],
  })
}
