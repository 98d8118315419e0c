// An OpenID provider for the tests: the npm package oidc-provider, with people from a file.
// Usage: node provider.mjs HOST PORT PEOPLE.json CALLBACK AFTER_LOGOUT
// PEOPLE.json is read at each question, so that a test changes groups between two requests:
//   {"ada": {"groups": ["students"], "email": "ada@uni.example"}, …}
import { readFileSync } from "node:fs";

const { Provider } = await import("/opt/peers/oidc/node_modules/oidc-provider/lib/index.js");

const [host, port, people, callback, afterLogout] = process.argv.slice(2);
const issuer = `http://${host}:${port}`;

async function findAccount(ctx, id) {
  const person = JSON.parse(readFileSync(people, "utf8"))[id];
  if (!person) return undefined;
  return { accountId: id, claims: async () => ({ sub: id, preferred_username: id, ...person }) };
}

const provider = new Provider(issuer, {
  clients: [{
    client_id: "lectern",
    client_secret: "oidc-secret",
    application_type: "native", // else callbacks to plain http on loopback are refused
    token_endpoint_auth_method: "client_secret_post",
    grant_types: ["authorization_code", "refresh_token"],
    redirect_uris: [callback],
    post_logout_redirect_uris: [afterLogout],
  }],
  clockTolerance: 0,
  pkce: { required: () => true },
  claims: { openid: ["sub"], profile: ["preferred_username", "groups"], email: ["email", "email_verified"] },
  scopes: ["openid", "offline_access"],
  features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
  issueRefreshToken: async (ctx, client) => client.grantTypeAllowed("refresh_token"),
  rotateRefreshToken: true,
  ttl: { AccessToken: 4, AuthorizationCode: 60, IdToken: 600, Interaction: 600, Session: 3600, Grant: 3600, RefreshToken: 3600 },
  findAccount,
});

provider.listen(Number(port), host, () => console.log(`listening ${issuer}`));
