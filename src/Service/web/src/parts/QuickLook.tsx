import { useEffect, useState } from "preact/hooks";
import type { Product } from "../service/answers";
import { local, pictureAddress } from "../service/requests";
import { day } from "../service/words";

/** A small picture of a product; where there is none, words say so. */
export function QuickLook({ product }: { product: Product }) {
  const [source, setSource] = useState<string>();
  const [missing, setMissing] = useState(false);
  const link = product.links.find((candidate) => candidate.rel === "quicklook")?.href;
  useEffect(() => {
    if (!link) {
      setMissing(true);
      return;
    }

    pictureAddress(local(link)).then(setSource, () => setMissing(true));
  }, [link]);
  if (missing) return <div class="quicklook none">no picture</div>;
  return (
    <div class="quicklook">
      {source && <img src={source} alt={`The image of ${day(product.datetime)} in natural colours`} loading="lazy" onError={() => setMissing(true)} />}
    </div>
  );
}
