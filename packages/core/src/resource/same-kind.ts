/** What is to stay is told by loose names: letters, quotes and the schema that goes without saying make no difference. In doubt it stays. */
export function namesKind(list: readonly string[], names: readonly string[]): boolean {
  return list.length > 0 && list.some((name) => names.some((other) => looseName(other) === looseName(name)))
}

function looseName(name: string): string {
  const bare = name.replaceAll('"', '').toLowerCase()
  return bare.replace(/^(?:public|main)\./, '')
}
