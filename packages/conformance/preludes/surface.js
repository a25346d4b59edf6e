/** Prints the names of everything that a runner hands to a test. */
export function show(things) {
  const lines = Object.entries(things).flatMap(([name, thing]) => namesIn(name, thing, 2))
  process.stdout.write(`${lines.join('\n')}\n`)
}

function namesIn(prefix, thing, depth) {
  const names = [...new Set(ownAndInherited(thing))].filter((name) => !boring.has(name))
  return names.flatMap((name) => {
    const path = `${prefix}.${name}`
    return depth > 1 ? [path, ...namesIn(path, read(thing, name), depth - 1)] : [path]
  })
}

const boring = new Set(['constructor', 'length', 'name', 'prototype', 'arguments', 'caller'])

function ownAndInherited(thing) {
  const isBase = thing === null || !['object', 'function'].includes(typeof thing) || !Object.getPrototypeOf(thing)
  if (isBase || thing === Function.prototype) return []
  return [...Object.getOwnPropertyNames(thing), ...ownAndInherited(Object.getPrototypeOf(thing))]
}

function read(thing, name) {
  try {
    return thing[name]
  } catch {
    return undefined
  }
}
