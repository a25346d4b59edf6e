/** A project with Jest installed. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Project as AnyProject, createProject as createAny } from '@dustpan/conformance'

export { outcomes, resources } from '@dustpan/conformance'

export interface Project extends AnyProject {
  read(file: string): Promise<string>
}

export const jestVersions = {
  '30': { jest: '30.5.2', 'jest-environment-jsdom': '30.5.2' },
  '29': { jest: '29.7.0', 'jest-environment-jsdom': '29.7.0' },
} as const
export type JestVersion = keyof typeof jestVersions
export const versions = Object.keys(jestVersions) as JestVersion[]

const others = {
  '@babel/core': '^7.28.0',
  '@babel/preset-env': '^7.28.0',
  '@babel/preset-typescript': '^7.28.0',
  'better-sqlite3': '^13.2.0',
  'jest-junit': '17.0.0',
  pg: '^8.23.0',
  'ts-jest': '29.4.15',
  typescript: '^5.9.3',
}

export const withDustpan = (config = '{}'): string =>
  `module.exports = require('@dustpan/jest-environment/config').withDustpan(${config})\n`

/** Defines `create()` in a test file. */
export const create = `const create = async (type) => (await fetch(process.env.API + '/' + type, { method: 'POST' })).json()\n`

export async function createProject(
  files: Readonly<Record<string, string>>,
  version: JestVersion = '30',
): Promise<Project> {
  const project = await createAny({
    dependencies: { ...others, ...jestVersions[version] },
    packages: ['@dustpan/core', '@dustpan/jest-environment', '@dustpan/postgres', '@dustpan/sqlite'],
    files: { 'package.json': '{ "version": "1.2.3" }', 'jest.config.js': withDustpan(), ...files },
    command: ['node_modules/jest/bin/jest.js'],
  })
  return { ...project, read: (file) => readFile(join(project.folder, file), 'utf8') }
}

/** For a `beforeAll`, whose timeout is long enough for npm. */
export async function install(): Promise<void> {
  for (const version of versions) await (await createProject({}, version))[Symbol.asyncDispose]()
}

/** Makes Jest use workers, which it does not for a few quick files. */
export const inWorkers = ['--maxWorkers=2', '--workerIdleMemoryLimit=4GB']
