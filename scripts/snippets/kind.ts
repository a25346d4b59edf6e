import { basename } from 'node:path'
import type { Block } from './block.ts'

export type Kind = 'config' | 'test' | 'module' | 'shell' | 'sql'

const languages: Record<string, Kind> = {
  ts: 'module',
  typescript: 'module',
  mts: 'module',
  js: 'module',
  javascript: 'module',
  mjs: 'module',
  cjs: 'module',
  sh: 'shell',
  bash: 'shell',
  shell: 'shell',
  sql: 'sql',
}

/** How a block is run; undefined when there is nothing to run (text, JSON, output). */
export function kindOf({ language, attributes }: Block): Kind | undefined {
  const path = fileOf(attributes) ?? ''
  if (basename(path).startsWith('dustpan.config.')) return 'config'
  const kind = languages[language]
  return kind === 'module' && (attributes.test || /\.(test|spec)\.[cm]?[jt]s$/.test(path)) ? 'test' : kind
}

export function fileOf({ file, title }: Block['attributes']): string | undefined {
  return file ?? title
}
