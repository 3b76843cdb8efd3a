// A real OpenID Connect provider on loopback, with one client and the people that it is told of.
//
// node provider.mjs PORT CLIENT_ID CLIENT_SECRET REDIRECT_URL PEOPLE [ask]
//
// PEOPLE is JSON: {"ann": {"email": ..., "email_verified": true, "name": ..., "groups": [...]}}. Who signs in is said by the
// `login_hint` that a test adds to the authorization URL, or else is the first of them; `nobody` is refused. Nobody is
// asked for anything; with `ask`, there is a page on which one chooses who one is.
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [port, clientId, clientSecret, redirectUrl, people, ask] = process.argv.slice(2);
const accounts = JSON.parse(people);

const server = createServer();
await new Promise((resolve) => server.listen(Number(port), "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [redirectUrl],
      response_types: ["code"],
      grant_types: ["authorization_code"],
    },
  ],
  claims: {
    openid: ["sub"],
    email: ["email", "email_verified"],
    profile: ["name"],
    groups: ["groups"],
  },
  scopes: ["openid", "email", "profile", "groups"],
  // Small providers put everything into the identity token; large ones can be told to.
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/as/${interaction.uid}` },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, ...accounts[id] }),
  }),
});

const handle = provider.callback();
server.on("request", async (request, response) => {
  if (!request.url.startsWith("/as/")) return handle(request, response);
  const { params, prompt, grantId, session } = await provider.interactionDetails(request, response);
  const chosen = new URL(request.url, issuer).searchParams.get("person");
  if (ask && prompt.name === "login" && !chosen) return askWho(request, response);
  const accountId = session?.accountId ?? chosen ?? params.login_hint ?? Object.keys(accounts)[0];
  if (prompt.name === "login") {
    if (accountId === "nobody") {
      const refusal = { error: "access_denied", error_description: "nobody signs in" };
      return provider.interactionFinished(request, response, refusal);
    }
    return provider.interactionFinished(request, response, { login: { accountId } });
  }
  const grant = (await provider.Grant.find(grantId)) ?? new provider.Grant({ accountId, clientId });
  grant.addOIDCScope(params.scope);
  return provider.interactionFinished(
    request,
    response,
    { consent: { grantId: await grant.save() } },
    { mergeWithLastSubmission: true },
  );
});

function askWho(request, response) {
  const here = request.url.split("?")[0];
  const people = [...Object.keys(accounts), "nobody"].map(
    (id) => `<li><a href="${here}?person=${encodeURIComponent(id)}">${escape(id)}</a></li>`,
  );
  response.setHeader("Content-Type", "text/html; charset=utf-8");
  response.end(`<!doctype html><html lang="en"><title>Who are you?</title><ul>${people.join("")}</ul></html>`);
}

function escape(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
