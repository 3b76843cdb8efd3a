import { Search } from "lucide-react";
import { lazy } from "react";
import { Route, Switch } from "wouter";
import { Empty } from "../parts/empty";

const Overview = lazy(() => import("./overview/overview"));
const Consumers = lazy(() => import("./consumers/consumers"));
const ConsumerPage = lazy(() => import("./consumers/consumer"));
const Buckets = lazy(() => import("./buckets/buckets"));
const Keys = lazy(() => import("./keys/keys"));
const RevokeMany = lazy(() => import("./keys/revoke-many"));
const KeyPage = lazy(() => import("./keys/key"));
const TryIt = lazy(() => import("./try/try"));
const SigningKeys = lazy(() => import("./signing-keys/signing-keys"));
const Audit = lazy(() => import("./audit/audit"));
const AdminTokens = lazy(() => import("./admin-tokens/admin-tokens"));
const SettingsPage = lazy(() => import("./settings/settings"));

/** Which page an address shows. Each is loaded when it is first opened. */
export function Pages() {
  return (
    <Switch>
      <Route path="/" component={Overview} />
      <Route path="/consumers" component={Consumers} />
      <Route path="/consumers/:bucket/:name" component={ConsumerPage} />
      <Route path="/buckets" component={Buckets} />
      <Route path="/keys" component={Keys} />
      <Route path="/keys/revoke" component={RevokeMany} />
      <Route path="/keys/:id" component={KeyPage} />
      <Route path="/try" component={TryIt} />
      <Route path="/signing-keys" component={SigningKeys} />
      <Route path="/audit" component={Audit} />
      <Route path="/admin-tokens" component={AdminTokens} />
      <Route path="/settings" component={SettingsPage} />
      <Route>
        <Empty icon={<Search size={22} />} title="There is no such page">
          The address may be mistyped, or what it named was deleted.
        </Empty>
      </Route>
    </Switch>
  );
}
