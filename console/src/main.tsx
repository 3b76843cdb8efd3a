import "@mantine/core/styles.css";
import "./console.css";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Console } from "./console";
import { refuseMarkup, styleNonce } from "./policy";

refuseMarkup();
setNonce(styleNonce);

const root = document.getElementById("console");
if (!root) throw new Error("the page has no place for the console");
createRoot(root).render(
  <StrictMode>
    <Console />
  </StrictMode>,
);
