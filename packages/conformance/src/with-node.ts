import type { ProjectOptions } from './project.ts'

/** Project options for a version of Node. If it is the current one, that is used, which saves an installation of 200 MB. */
export function withNode(version: string): Pick<ProjectOptions, 'dependencies'> & { readonly node: string } {
  return version === process.versions.node
    ? { dependencies: {}, node: process.execPath }
    : { dependencies: { node: version }, node: 'node_modules/node/bin/node' }
}
