/** A fenced block of a markdown file. */
export interface Block {
  file: string
  /** The number of the fence's first line, from 1. */
  line: number
  language: string
  attributes: Attributes
  text: string
}

/** Attributes after the language on a fence's first line. */
export interface Attributes {
  /** The block is not run; needs a reason. */
  'no-run'?: true
  reason?: string
  /** The block is written to this file; later blocks of the same document may use it. */
  title?: string
  /** The same, without showing a title. */
  file?: string
  /** The block is run by Vitest. */
  test?: true
  /** SQL for SQLite instead of PostgreSQL. */
  sqlite?: true
}

const flags = ['no-run', 'test', 'sqlite']
const settings = ['reason', 'title', 'file']

/** The fenced blocks of a markdown text, in order, with the fence's indentation removed. */
export function readBlocks(file: string, markdown: string): Block[] {
  return [...markdown.matchAll(/^( *)(`{3,}|~{3,})([^\n`]*)\n([\s\S]*?)^ *\2[`~]* *$/gm)].map((match) => {
    const [, indent = '', , info = '', body = ''] = match
    const line = markdown.slice(0, match.index).split('\n').length
    const [language = '', ...rest] = info.trim().split(/\s+/)
    const text = body.replaceAll(new RegExp(`^ {0,${indent.length}}`, 'gm'), '')
    return { file, line, language, attributes: readAttributes(rest.join(' '), `${file}:${line}`), text }
  })
}

/** Rejects unknown attributes, which could silently prevent a block from running. */
function readAttributes(text: string, where: string): Attributes {
  const attributes: Record<string, string | true> = {}
  for (const [, name = '', quoted, bare] of text.matchAll(/([^\s=]+)(?:=(?:"([^"]*)"|(\S+)))?/g)) {
    const value = quoted ?? bare
    if (!(value === undefined ? flags : settings).includes(name))
      throw new Error(`${where}: the fence says ${name}, which means nothing`)
    attributes[name] = value ?? true
  }
  if (attributes['no-run'] && !attributes.reason) throw new Error(`${where}: no-run needs a reason="…"`)
  return attributes
}
