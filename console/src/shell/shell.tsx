import { ActionIcon, AppShell, Burger, Group, Loader, Text, UnstyledButton } from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
import { Search } from "lucide-react";
import { Suspense } from "react";
import { Link } from "wouter";
import { Finder } from "../finder/finder";
import { Pages } from "../pages/pages";
import { Logo } from "./logo";
import { Navigation } from "./navigation";
import classes from "./shell.module.css";

/** What surrounds every page: navigation, search, and the way past them for keyboards. */
export default function Shell() {
  const [menu, { toggle, close }] = useDisclosure(false);
  const [finder, { open: find, close: closeFinder }] = useDisclosure(false);
  useHotkeys([["/", find]]);
  // From within a field, too.
  useHotkeys([["mod+K", find]], []);
  return (
    <AppShell
      layout="alt"
      header={{ height: 56 }}
      navbar={{ width: 236, breakpoint: "sm", collapsed: { mobile: !menu } }}
      padding={{ base: "sm", sm: "lg" }}
    >
      <a href="#main" className="skip">
        Skip to the page
      </a>
      <AppShell.Header className={classes.bar}>
        <Group h="100%" px={{ base: "sm", sm: "lg" }} gap="sm" wrap="nowrap">
          <Burger opened={menu} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Menu" />
          <UnstyledButton className={classes.search} onClick={find}>
            <Search size={16} aria-hidden />
            <Text size="sm" flex={1} truncate>
              Find a consumer, a key, a page…
            </Text>
            <span className={classes.hint} aria-hidden>
              <kbd>/</kbd>
            </span>
          </UnstyledButton>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={classes.side} p="sm">
        <Group justify="space-between" mb="md" px="xs" pt={4}>
          <Link href="/" className={classes.brand} onClick={close}>
            <Logo size={26} />
            <span>Mintgate</span>
          </Link>
          <ActionIcon
            variant="subtle"
            color="gray"
            hiddenFrom="sm"
            onClick={close}
            aria-label="Close the menu"
          >
            ✕
          </ActionIcon>
        </Group>
        <Navigation onGo={close} />
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        <div className={classes.page}>
          <Suspense fallback={<Loader aria-label="Loading the page" />}>
            <Pages />
          </Suspense>
        </div>
      </AppShell.Main>
      <Finder opened={finder} onClose={closeFinder} />
    </AppShell>
  );
}
