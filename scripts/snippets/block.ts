/** A fenced block of a markdown file. */
export interface Block {
  file: string
  /** Of the fence's first line, from 1. */
  line: number
  language: string
  attributes: Attributes
  text: string
}

/** What may follow the language on a fence's first line. */
export interface Attributes {
  /** Not run; needs a reason. */
  'no-run'?: true
  reason?: string
  /** Written under this name; blocks further down in the same file may use it. */
  title?: string
  /** The same, where nothing is to be shown as a title. */
  file?: string
  /** Run by Vitest. */
  test?: true
  /** SQL for SQLite; PostgreSQL otherwise. */
  sqlite?: true
}

const flags = ['no-run', 'test', 'sqlite']
const settings = ['reason', 'title', 'file']

/** The fenced blocks of a markdown text, in order; unindented where the fence is. */
export function readBlocks(file: string, markdown: string): Block[] {
  return [...markdown.matchAll(/^( *)(`{3,}|~{3,})([^\n`]*)\n([\s\S]*?)^ *\2[`~]* *$/gm)].map((match) => {
    const [, indent = '', , info = '', body = ''] = match
    const line = markdown.slice(0, match.index).split('\n').length
    const [language = '', ...rest] = info.trim().split(/\s+/)
    const text = body.replaceAll(new RegExp(`^ {0,${indent.length}}`, 'gm'), '')
    return { file, line, language, attributes: readAttributes(rest.join(' '), `${file}:${line}`), text }
  })
}

/** An attribute that nobody knows is a mistake: it would leave a block unrun in silence. */
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
