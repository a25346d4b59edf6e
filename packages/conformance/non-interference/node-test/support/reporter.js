/** Writes down every event that node:test has, in order. */
export default async function* events(source) {
  // How much of a process's output comes at once, between which events, and when a file is complete, is decided by timing.
  const printed = {}
  const complete = []
  for await (const { type, data } of source) {
    if (type === 'test:stdout' || type === 'test:stderr')
      printed[`${type} ${data.file}`] = (printed[`${type} ${data.file}`] ?? '') + data.message
    else if (type === 'test:complete') complete.push(`${data.file} ${JSON.stringify(data, withoutTimes)}`)
    else yield `${type} ${JSON.stringify(data, withoutTimes)}\n`
  }
  yield `${JSON.stringify(printed, null, 1)}\n${complete.sort().join('\n')}`
}

function withoutTimes(key, value) {
  if (key === 'duration_ms' || key === 'testId' || key === 'parentId') return undefined
  if (value instanceof Error)
    return {
      message: value.message,
      stack: value.stack,
      code: value.code,
      cause: value.cause,
      failureType: value.failureType,
    }
  return value
}
