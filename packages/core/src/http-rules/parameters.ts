/** Classifies the parameters of a URL's query. */

export function parametersOf(url: string): readonly (readonly [name: string, value: string])[] {
  const query = url.indexOf('?')
  return query < 0 ? [] : [...new URLSearchParams(url.slice(query + 1))]
}

/**
 * Parameters for the answer's format, credentials, or a redirect, which do not identify the resource. `version` may also be that
 * of the resource (`?version=2`).
 */
export const isPresentational = (name: string, value: string): boolean =>
  presentational.test(name) || ofCreates.test(name) || (/^v(ersion)?$/i.test(name) && isApiVersion(value))

const presentational =
  /^(includes?|expand|embed|select|prefer|format|pretty|lang|locale|api[-_]?version|utm_\w+|_|ts|timestamp|nonce|delay|timeout|access_token|token|api[-_]?key|next|redirect([-_]?(to|ur[il]))?|return([-_]?(to|url))?|x-id|x-(amz|goog)-[\w-]+)$/i

/** In a DELETE, they may name a part of what is removed. */
const ofCreates = /^(fields?|columns|refresh|wait_for_active_shards|x-algolia-agent)$/i

const isApiVersion = (value: string): boolean => /^(v\d[\w.-]*|\d{4}-\d\d-\d\d)$/i.test(value)

/** Parameters of object stores that address a part or a property of the object. */
export const isPartParameter = (name: string): boolean =>
  /^(acl|comp|legal-hold|partNumber|retention|tagging|uploadId|uploads)$/.test(name)

/** Parameters that only say how to remove a resource. */
export const isRemovalOption = (name: string): boolean =>
  presentational.test(name) ||
  /^(permanent(ly)?|force|hard([-_]?delete)?|purge|destroy|cascade|recursive|reason|comment|note|message|confirm(ed)?|(if[-_]?)?(match|etag|rev)|async|wait|notify|silent)$/i.test(
    name,
  )

/** The URL of the resource itself, without such parameters. */
export function resourceUrl(url: string): string {
  const [path = '', query = ''] = url.split('?')
  const kept = query.split('&').filter((part) => parametersOf(`?${part}`).some(([name]) => !isRemovalOption(name)))
  return kept.length === 0 ? path : `${path}?${kept.join('&')}`
}
