import { Modal, type ModalProps } from "@mantine/core";
import { useEffect } from "react";

/** A modal dialog that exists only while it is open, and gives the focus back to where it came from. */
export function Dialog(props: Omit<ModalProps, "opened">) {
  useEffect(() => {
    const before = document.activeElement;
    return () => {
      // After the dialog has let go of the focus.
      requestAnimationFrame(() => {
        if (before instanceof HTMLElement && before.isConnected) before.focus();
      });
    };
  }, []);
  return <Modal closeButtonProps={{ "aria-label": "Close" }} {...props} opened returnFocus={false} />;
}
