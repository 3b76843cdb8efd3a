import { Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { KeyRound, Search, ShieldQuestion, User } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import { useLocation } from "wouter";
import { useConsumerSearch } from "../api/consumers";
import { keyIdIn, looksLikeKey } from "../format/key";
import { consumerAddress } from "../pages/consumers/row";
import { handKey } from "../pages/try/handed";
import { Dialog } from "../parts/dialog";
import { useAdmin } from "../session/context";
import { useDestinations } from "../shell/navigation";
import classes from "./finder.module.css";

interface Hit {
  id: string;
  label: string;
  about: string;
  icon: ReactNode;
  go: () => void;
}

/** Finds consumers, keys and pages from anywhere, by keyboard. */
export function Finder({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  if (!opened) return null;
  return (
    <Dialog
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      size="lg"
      yOffset="10vh"
      attributes={{ content: { "aria-label": "Find" } }}
      transitionProps={{ duration: 0 }}
    >
      <SearchBox onClose={onClose} />
    </Dialog>
  );
}

function SearchBox({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const { hits, busy } = useHits(text, onClose);
  const chosen = Math.min(at, Math.max(0, hits.length - 1));
  const steer = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setAt(Math.min(chosen + 1, hits.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(chosen - 1, 0));
    else if (event.key === "Enter") hits[chosen]?.go();
    else return;
    event.preventDefault();
  };
  return (
    <div>
      <TextInput
        size="lg"
        variant="unstyled"
        px="md"
        data-autofocus
        autoComplete="off"
        spellCheck={false}
        role="combobox"
        aria-label="Find a consumer, a key or a page"
        aria-expanded={hits.length > 0}
        aria-controls="found"
        aria-activedescendant={hits[chosen] ? `hit-${hits[chosen].id}` : undefined}
        placeholder="Name, subject, tag, key id, or paste a key"
        leftSection={<Search size={18} aria-hidden />}
        leftSectionWidth={44}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={steer}
      />
      <div id="found" role="listbox" aria-label="Found" className={classes.list}>
        {hits.map((hit, index) => (
          // The field above steers the list, as the combobox pattern has it; the mouse is a second way.
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the field
          // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the field
          <div
            key={hit.id}
            id={`hit-${hit.id}`}
            role="option"
            aria-selected={index === chosen}
            className={classes.hit}
            onPointerMove={() => setAt(index)}
            onClick={hit.go}
          >
            {hit.icon}
            <span className={classes.label}>{hit.label}</span>
            <Text size="xs" c="dimmed">
              {hit.about}
            </Text>
          </div>
        ))}
      </div>
      {hits.length === 0 ? (
        <Text size="sm" c="dimmed" px="md" pb="md">
          {busy ? "Looking…" : "Nothing found."}
        </Text>
      ) : null}
      <Text size="xs" c="dimmed" className={classes.foot}>
        <kbd>↑</kbd> <kbd>↓</kbd> choose · <kbd>Enter</kbd> open · <kbd>Esc</kbd> close
      </Text>
    </div>
  );
}

function useHits(text: string, onClose: () => void): { hits: Hit[]; busy: boolean } {
  const [, navigate] = useLocation();
  const { may } = useAdmin();
  const pages = useDestinations();
  const typed = text.trim();
  const pasted = looksLikeKey(typed);
  // Debounced after the check: a pasted key never becomes a search, and so never stands in an address.
  const [q] = useDebouncedValue(pasted ? "" : typed, 120);
  const found = useConsumerSearch(q);
  const open = (to: string) => () => {
    onClose();
    navigate(to);
  };
  const id = keyIdIn(typed);
  const hits: Hit[] = [];
  if (pasted && may.manage) {
    const go = () => {
      handKey(typed);
      open("/try")();
    };
    hits.push({
      id: "present",
      label: "Present this key",
      about: "see whether it works",
      icon: <ShieldQuestion size={17} />,
      go,
    });
  }
  if (id) {
    hits.push({
      id: "key",
      label: `Key ${id}`,
      about: "open",
      icon: <KeyRound size={17} />,
      go: open(`/keys/${id}`),
    });
  }
  if (q && !pasted) {
    for (const consumer of found.data?.data ?? []) {
      hits.push({
        id: consumer.id,
        label: consumer.name,
        about:
          consumer.subject === consumer.name ? consumer.bucket : `${consumer.subject} · ${consumer.bucket}`,
        icon: <User size={17} />,
        go: open(consumerAddress(consumer)),
      });
    }
  }
  const matching = pages.filter(({ label }) => label.toLowerCase().includes(typed.toLowerCase()));
  for (const { to, label, icon } of pasted ? [] : matching) {
    hits.push({ id: `page-${to.slice(1) || "overview"}`, label, about: "page", icon, go: open(to) });
  }
  return { hits, busy: found.isFetching || q !== typed };
}
