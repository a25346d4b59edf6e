/** Tests for option values. */
type Test = (value: unknown, root: string) => boolean

export const isRecord = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
export const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
export const isFlag = (value: unknown): value is boolean => typeof value === 'boolean'
export const isDeletion = (value: unknown): value is 'hard' | 'soft' => value === 'hard' || value === 'soft'

/** Tests each value of an object. */
export const eachOf = (holds: Test) => (value: unknown, root: string) =>
  isRecord(value) && Object.values(value).every((one) => holds(one, root))

/** Like `eachOf`, with at least one value. */
export const someOf = (holds: Test) => (value: unknown, root: string) =>
  eachOf(holds)(value, root) && Object.keys(value as object).length > 0
