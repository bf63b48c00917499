import { verdicts } from "./verdicts.js";

/** Why something failed, or why it is over. */
export class PartyError extends Error {
  constructor(code, details) {
    super(code);
    Object.assign(this, { name: "PartyError", code, final: false }, details);
  }
}

/** The error that a relay has sent. */
export function errorFrom({ message, code, retryAfter }) {
  code = String(code ?? codeOf(String(message)));
  const { final = false } = verdicts.errors[code] ?? { final: true };
  return new PartyError(code, { message, retryAfter, final });
}

/**
 * The code of a text from a relay that sends none: the text in snake case. So `clientId is required` is
 * `client_id_required`; whatever an argument must be is `…_invalid`.
 */
function codeOf(text) {
  return text
    .replace(/ (must|has|is not) .*/, " invalid")
    .replace(/\{.*| the room$|\b(is|an?|the|peer)\b/g, "")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .match(/[a-z]+/g)
    ?.join("_");
}
