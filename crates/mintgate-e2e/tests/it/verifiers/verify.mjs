// Verifies tokens with the npm package `jose`, as its users do; the question and the answer are those of verify.py.
import { readFileSync } from "node:fs";
import { createRemoteJWKSet, jwtVerify } from "jose";

const question = JSON.parse(readFileSync(0, "utf8"));
const keys = createRemoteJWKSet(new URL(question.jwks));
const answer = [];
for (const token of question.tokens) {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer: question.issuer,
      audience: question.audience,
      algorithms: [question.algorithm],
      typ: "at+jwt",
      requiredClaims: ["exp", "iat", "sub", "jti"],
    });
    answer.push({ claims: payload });
  } catch (error) {
    answer.push({ refused: error.code ?? error.name });
  }
}
process.stdout.write(JSON.stringify(answer));
