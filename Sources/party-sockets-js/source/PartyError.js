import { verdicts } from "./verdicts.js";

/** Why something failed, or why it is over. */
export class PartyError extends Error {
  constructor(code, { message = code, final = false, retryAfter, closeCode } = {}) {
    super(message);
    Object.assign(this, { name: "PartyError", code, final, retryAfter, closeCode });
  }
}

/** The error that a relay has sent. */
export function errorFrom({ message, code, retryAfter }) {
  code = String(code ?? codes[message] ?? snakeCase(String(message)));
  return new PartyError(code, { message, retryAfter, final: (verdicts.errors[code] ?? { final: true }).final });
}

/** The codes of texts from relays that send none, where the code is not the text in snake case. */
const codes = {
  "Target peer not found": "target_not_found",
  "Only the host can close the room": "only_host_can_close",
  "maxClients must be a positive number": "max_clients_invalid",
  "url must be a string": "url_not_a_string",
  "url must not contain spaces or control characters": "url_has_spaces",
  "url has an unmatched placeholder brace": "unmatched_url_brace",
  "url is not a valid URL": "url_invalid",
  "url must be an https URL": "url_not_https",
};

/** `Unknown url placeholder: {a}` is `unknown_url_placeholder`, and `clientId is required` is `client_id_required`. */
function snakeCase(text) {
  const words = text.replace(/\{.*|\b(is|an?|the)\b/g, "").replace(/([a-z])([A-Z])/g, "$1 $2");
  return words.toLowerCase().match(/[a-z]+/g)?.join("_");
}
