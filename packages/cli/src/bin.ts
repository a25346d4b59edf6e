#!/usr/bin/env node
// Nothing is imported before the version is known to be new enough to read it.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`dustpan requires Node 22.18 or newer, and this is Node ${process.versions.node}.`)
  process.exitCode = 2
} else {
  import('./command-line.ts')
    .then(({ runCommandLine }) => runCommandLine(process.argv.slice(2)))
    .then((code) => {
      process.exitCode = code
      // All is said and done: a client library that still waits for a server which does not answer is not waited for.
      setTimeout(() => process.exit(), 2_000).unref()
    })
}
