/** Finds the origin of the application under test: from Playwright's configuration, else from a port in a script. */
import { exportedExpression, objectIn, propertyOf } from './config-object.ts'
import type { Project } from './project.ts'
import { playwrightConfig } from './runners/playwright.ts'
import { type Expression, parseSource } from './source.ts'

export interface FoundOrigin {
  readonly origin: string
  readonly from: string
}

export function originOf(project: Project): FoundOrigin | undefined {
  return inPlaywright(project) ?? inScripts(project)
}

function inPlaywright(project: Project): FoundOrigin | undefined {
  const file = playwrightConfig(project)
  const source = parseSource((file === undefined ? undefined : project.read(file)) ?? '')
  const config = source && objectIn(exportedExpression(source.program), source.program)
  const use = config && source && objectIn(expressionOf(propertyOf(config, 'use')), source.program)
  const text = use && textIn(expressionOf(propertyOf(use, 'baseURL')))
  if (text === undefined || !/^https?:/.test(text) || !URL.canParse(text)) return undefined
  return { origin: new URL(text).origin, from: `baseURL in ${file}` }
}

const expressionOf = (found: ReturnType<typeof propertyOf>): Expression | undefined =>
  found === 'unclear' ? undefined : found

/** `'…'`, `process.env.BASE_URL || '…'` */
function textIn(expression: Expression | undefined): string | undefined {
  if (expression?.type === 'LogicalExpression') return textIn(expression.right)
  return expression?.type === 'StringLiteral' ? expression.value : undefined
}

function inScripts({ manifest: { scripts } }: Project): FoundOrigin | undefined {
  for (const [name, script] of Object.entries(scripts)) {
    const port = /\bPORT=(\d{2,5})\b|--port[= ](\d{2,5})\b/.exec(script)?.slice(1).find(Boolean)
    if (port !== undefined) return { origin: `http://localhost:${port}`, from: `the script ${JSON.stringify(name)}` }
  }
  return undefined
}

export const isOnThisMachine = (origin: string): boolean =>
  ['localhost', '127.0.0.1', '[::1]'].includes(new URL(origin).hostname) ||
  new URL(origin).hostname.endsWith('.localhost')
