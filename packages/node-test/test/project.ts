/** A project with node:test. */
import { createProject as createAny, type Project, withNode } from '@dustpan/conformance'

export { outcomes, type Project, resources } from '@dustpan/conformance'

/** The newest and the oldest supported version. */
export const nodeVersions = ['24.21.0', '22.18.0'] as const
export const tooOld = '20.19.5'
export type NodeVersion = (typeof nodeVersions)[number] | typeof tooOld

export const bare = ['--test']
export const tracked = ['--import', '@dustpan/node-test', '--test']
/** With the reporter, which ends the run in the process that starts the files. */
export const reported = [...tracked, '--test-reporter=@dustpan/node-test/spec']

/** For a `beforeAll`, because the installation may take longer than a test. */
export async function installAll(): Promise<void> {
  for (const version of nodeVersions) await (await createProject({}, version))[Symbol.asyncDispose]()
}

export function createProject(
  files: Readonly<Record<string, string>>,
  version: NodeVersion = '24.21.0',
): Promise<Project> {
  return createAny({
    ...withNode(version),
    packages: ['@dustpan/core', '@dustpan/node-test'],
    files: { 'create.mjs': create, ...files },
    command: [],
  })
}

const create = `
export const create = async (type) => (await fetch(process.env.API + '/' + type, { method: 'POST' })).json()
`
