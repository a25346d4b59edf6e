export function neverCalled(value) {
  return value ? 'yes' : 'no'
}
