import kleur from 'kleur'

/** Renders with or without colours, whatever the terminal supports. */
export function inColour<T>(color: boolean, render: () => T): T {
  const before = kleur.enabled
  kleur.enabled = color
  try {
    return render()
  } finally {
    kleur.enabled = before
  }
}
