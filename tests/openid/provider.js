/** A provider of OpenID Connect with the people and the client of a test: `node provider.js JSON`. */
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const { people, client } = JSON.parse(process.argv[2]);

const configuration = {
  clients: [client],
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  // Who does without has to fail.
  pkce: { required: () => true },
  cookies: { keys: ["a key of this test"] },
  findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ sub, ...people[sub] }) }),
};

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  server.on("request", new Provider(issuer, configuration).callback());
  process.stdout.write(`issuer ${issuer}\n`);
});
