/** What the parameters of a URL's query say. */

export function parametersOf(url: string): readonly (readonly [name: string, value: string])[] {
  const query = url.indexOf('?')
  return query < 0 ? [] : [...new URLSearchParams(url.slice(query + 1))]
}

/** How the answer is to look, who asks, or where to go then; nothing of which thing is meant. */
export const saysHow = (name: string): boolean =>
  /^(includes?|fields?|expand|embed|select|prefer|format|pretty|lang|locale|(api[-_]?)?version|v|utm_\w+|_|ts|timestamp|nonce|delay|timeout|access_token|token|api[-_]?key|next|redirect([-_]?(to|ur[il]))?|return([-_]?(to|url))?|x-id|x-(amz|goog)-[\w-]+)$/i.test(
    name,
  )

/** Of object stores: not the object itself, but a part of it, or something about it. */
export const namesPart = (name: string): boolean =>
  /^(acl|comp|legal-hold|partNumber|retention|tagging|uploadId|uploads)$/.test(name)

/** How a thing is to be removed: that it is removed all the same. */
export const saysHowToRemove = (name: string): boolean =>
  saysHow(name) ||
  /^(permanent(ly)?|force|hard([-_]?delete)?|purge|destroy|cascade|recursive|reason|comment|note|message|confirm(ed)?|(if[-_]?)?(match|etag|rev)|async|wait|notify|silent)$/i.test(
    name,
  )

/** The URL of the thing itself, as it is written. */
export function withoutHow(url: string): string {
  const [path = '', query = ''] = url.split('?')
  const kept = query.split('&').filter((part) => parametersOf(`?${part}`).some(([name]) => !saysHowToRemove(name)))
  return kept.length === 0 ? path : `${path}?${kept.join('&')}`
}
