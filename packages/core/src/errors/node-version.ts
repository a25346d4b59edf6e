/** Every entry point loads this first, so that an older Node fails with this message, not at the first missing API. */
const oldest = [22, 18] as const

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
  const message = `Dustpan needs Node ${oldest.join('.')} or newer, and this is Node ${process.versions.node}.`
  throw Object.assign(new Error(message), { stack: message })
}

export {}
