#!/usr/bin/env node
// Imports nothing before the version check: older versions could not parse the modules.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`dustpan requires Node 22.18 or newer, and this is Node ${process.versions.node}.`)
  process.exitCode = 2
} else {
  import('./command-line.ts')
    .then(({ runCommandLine }) => runCommandLine(process.argv.slice(2)))
    .then((code) => {
      process.exitCode = code
      // All work is done: do not wait for a client library that still waits for an unresponsive server.
      setTimeout(() => process.exit(), 2_000).unref()
    })
}
