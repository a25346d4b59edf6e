/** Builds the full record of one resource: what it is, where it comes from, and its outcome. */

import type { WriterIdentity } from '../journal/events.ts'
import type { FoldedRun, FoldedScope } from '../ledger/folded-run.ts'
import { isGone, type Json, type Resource, type Verdict } from '../resource/resource.ts'
import { withoutIdentity } from '../resource/store-identity.ts'
import { iso, reportedResource, reportedRun } from './build.ts'
import type { Describe, ReportedResource, ReportedRun } from './model.ts'
import { policyText } from './policy-text.ts'
import { redact, redactJson } from './redact.ts'

export interface ResourceRecord extends ReportedResource {
  readonly run: string
  readonly build?: string
  readonly runner: string
  readonly environment: string
  readonly projectVersion?: string
  readonly branch?: string
  /** The machine, or the CI runner. */
  readonly agent: string
  readonly createdBy: string
  /** The process that recorded it. */
  readonly worker?: Pick<WriterIdentity, 'writer' | 'role' | 'host' | 'pid' | 'thread' | 'user' | 'job'>
  /** The test, file or run that it belongs to. */
  readonly flow: {
    readonly id: string
    readonly kind: string
    readonly project?: string
    readonly file?: string
    readonly titles?: readonly string[]
    readonly attempt: number
    readonly verdict?: Verdict
    readonly decision?: string
    readonly why?: string
    readonly keptUntil?: string
  }
  /** The store's own name: host, port, database. */
  readonly storeId: string
  readonly metadata?: Json
  readonly expiresAt?: string
  /** Kept on purpose until then. */
  readonly keptUntil?: string
  /** No longer to be kept. */
  readonly released?: true
  /** A removal was begun, and its outcome is unknown. */
  readonly unsure?: true
}

/** The records of matching resources, in the order of creation. */
export function recordsOf(
  folded: FoldedRun,
  describe: Describe,
  isWanted: (resource: Resource) => boolean = () => true,
): readonly ResourceRecord[] {
  const common = commonOf(reportedRun(folded))
  return [...folded.resources.values()]
    .filter(isWanted)
    .sort((a, b) => a.order - b.order)
    .map((resource) => recordOf(resource, common, folded, describe))
}

type Common = Pick<
  ResourceRecord,
  'run' | 'build' | 'runner' | 'environment' | 'projectVersion' | 'branch' | 'agent' | 'createdBy'
>

function commonOf({ id, build, runner, environment, projectVersion, branch, agent, createdBy }: ReportedRun): Common {
  return {
    run: id,
    ...(build === undefined ? {} : { build }),
    ...(projectVersion === undefined ? {} : { projectVersion }),
    ...(branch === undefined ? {} : { branch }),
    ...{ runner, environment, agent, createdBy },
  }
}

function recordOf(resource: Resource, common: Common, folded: FoldedRun, describe: Describe): ResourceRecord {
  const { set } = resource
  const worker = workerOf(set.set, folded)
  return {
    ...common,
    ...(worker === undefined ? {} : { worker }),
    flow: flowOf(resource.scope, folded.scopes.get(resource.scope)),
    ...reportedResource(resource, describe),
    storeId: storeName(set.store.id),
    ...(set.metadata === undefined ? {} : { metadata: redactJson(set.metadata) }),
    ...(set.expiresAt === undefined ? {} : { expiresAt: iso(set.expiresAt) }),
    ...(resource.state === 'kept' && resource.keptUntil !== undefined ? { keptUntil: iso(resource.keptUntil) } : {}),
    ...(resource.released ? { released: true } : {}),
    ...(resource.interrupted && !isGone(resource.state) ? { unsure: true } : {}),
  }
}

/** Ids begin with the id of the writer that assigned them. */
function workerOf(set: string, { writers }: FoldedRun): ResourceRecord['worker'] {
  const found = writers.find(({ writer }) => set.startsWith(`${writer}-`))
  if (!found) return undefined
  const { writer, role, host, pid, thread, user, job } = found
  return {
    ...{ writer, role, host, pid, thread },
    ...(user === undefined ? {} : { user: redact(user) }),
    ...(job === undefined ? {} : { job: redact(job) }),
  }
}

function flowOf(id: string, scope: FoldedScope | undefined): ResourceRecord['flow'] {
  if (!scope) return { id, kind: 'run', attempt: 0 }
  const { kind, project, file, path, attempt, verdict, decision, why, until } = scope
  return {
    ...{ id, kind, attempt },
    ...(project === undefined ? {} : { project }),
    ...(file === undefined ? {} : { file: redact(file) }),
    ...(path === undefined ? {} : { titles: path.map(redact) }),
    ...(verdict === undefined ? {} : { verdict }),
    ...(decision === undefined ? {} : { decision }),
    ...(why === undefined ? {} : { why: redact(policyText(why)) }),
    ...(until === undefined ? {} : { keptUntil: iso(until) }),
  }
}

/** Without the suffix by which a driver distinguishes databases of the same name. */
const storeName = (id: string): string => redact(withoutIdentity(id))
