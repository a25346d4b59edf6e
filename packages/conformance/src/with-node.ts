import type { ProjectOptions } from './project.ts'

/** A project for that version of Node: what runs this, if it is the same, spares the installation of two hundred megabytes. */
export function withNode(version: string): Pick<ProjectOptions, 'dependencies'> & { readonly node: string } {
  return version === process.versions.node
    ? { dependencies: {}, node: process.execPath }
    : { dependencies: { node: version }, node: 'node_modules/node/bin/node' }
}
