import { fileURLToPath } from 'node:url'
import type { JsQuery } from './library.ts'

/** The source position of a template: the library keeps its stack for errors, with the nearest frame last. */
export function callSite(query: JsQuery): { readonly file: string; readonly line: number } | undefined {
  if (!query.tagged) return undefined
  const frames = query.origin.split('\n').map((line) => /^at (?:.*? \()?(.+?):(\d+):\d+\)?$/.exec(line.trim()))
  const [, file, line] =
    frames.findLast((frame) => frame && !/[\\/]node_modules[\\/]|^node:/.test(frame[1] ?? '')) ?? []
  if (file === undefined) return undefined
  return { file: file.startsWith('file:') ? fileURLToPath(file) : file, line: Number(line) }
}
