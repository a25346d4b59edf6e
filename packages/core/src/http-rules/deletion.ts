/** Selects the form of a removal for this environment: permanent, or only marking as deleted. */
import { environmentOf } from '../config/config.ts'
import { howToAllow } from '../config/how-to-allow.ts'
import { DustpanError } from '../errors/dustpan-error.ts'
import type { Profile } from '../resource/profile.ts'
import { showsMark } from './condition.ts'
import { batchOf, type RequestTemplate } from './request-template.ts'

type Deletion = Profile['deletion']

/** Where permanent deletion is allowed, the `permanent` request replaces the other; `gone` does not apply to it. */
export function formFor(template: RequestTemplate, deletion: Deletion): RequestTemplate {
  const { permanent, verify, first, restore } = template
  if (typeof permanent !== 'object' || !mayDelete(deletion)) return template
  return {
    ...permanent,
    ...batchOf(permanent),
    permanent: true,
    ...(verify === undefined ? {} : { verify }),
    ...(first === undefined ? {} : { first }),
    ...(restore === undefined ? {} : { restore }),
  }
}

/** Why the profile does not allow a removal. */
export function deletionRefused(
  { method, url, permanent, gone }: RequestTemplate,
  deletion: Deletion,
  environmentName: string,
): DustpanError | undefined {
  const isPermanent = permanent === true || (deletion === 'soft-only' && permanent === undefined && !showsMark(gone))
  if (!isPermanent || mayDelete(deletion)) return undefined
  const environment = environmentOf(environmentName)
  const why = permanent === true ? 'deletes permanently' : 'may not be a soft delete'
  return new DustpanError(
    'DUSTPAN_PROFILE_REFUSED',
    `${method} ${url} is not sent: it ${why}, and the profile of ${environment} has deletion: '${deletion}'.`,
    {
      hint: howToAllow(
        { environment, environmentName },
        { deletion: 'hard' },
        'Name in the rule a request that only marks it as deleted (remove, together with `gone` or `permanent`)',
      ),
    },
  )
}

const mayDelete = (deletion: Deletion): boolean => deletion === 'hard' || deletion === 'configured'
