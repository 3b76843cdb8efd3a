// What the page's Content-Security-Policy asks of us. See decision 008 and mintgate-console's policy.rs.

interface TrustedTypes {
  createPolicy(name: string, rules: { createHTML: (text: string) => string }): unknown;
}

/** The nonce that lets this load of the page add style sheets. Browsers hide it from everything but this property. */
export const styleNonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";

/**
 * The only text that may be put where markup could be is text that holds none: the style sheets of the component
 * library. Whatever else tries, throws.
 */
export function refuseMarkup(): void {
  const trustedTypes = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  trustedTypes?.createPolicy("default", {
    createHTML(text) {
      if (text.includes("<")) throw new TypeError("markup from text is refused");
      return text;
    },
  });
}
