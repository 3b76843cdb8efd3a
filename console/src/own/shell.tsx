import { AppShell, Box, Group, Loader } from "@mantine/core";
import { lazy, Suspense } from "react";
import { Link, Route, Switch } from "wouter";
import { Logo } from "../shell/logo";
import classes from "../shell/shell.module.css";
import { WhoIsHere } from "../shell/who";
import { Elsewhere } from "./elsewhere";

const OwnKeys = lazy(() => import("./keys"));
const OwnKeyPage = lazy(() => import("./key"));

/** What managers see: their keys, and nothing of the installation. */
export default function OwnShell() {
  return (
    <AppShell header={{ height: 60 }} padding={{ base: "sm", sm: "lg" }}>
      <a href="#main" className="skip">
        Skip to the page
      </a>
      <AppShell.Header className={classes.bar}>
        <Group h="100%" px={{ base: "sm", sm: "lg" }} gap="sm" wrap="nowrap" justify="space-between">
          <Link href="/" className={classes.brand}>
            <Logo size={26} />
            <Box component="span" visibleFrom="xs">
              Mintgate
            </Box>
          </Link>
          <Box pb="sm">
            <WhoIsHere />
          </Box>
        </Group>
      </AppShell.Header>
      <AppShell.Main id="main" tabIndex={-1}>
        <div className={classes.page}>
          <Suspense fallback={<Loader aria-label="Loading the page" />}>
            <Switch>
              <Route path="/" component={OwnKeys} />
              <Route path="/keys/:id" component={OwnKeyPage} />
              <Route component={Elsewhere} />
            </Switch>
          </Suspense>
        </div>
      </AppShell.Main>
    </AppShell>
  );
}
