#lang racket/base
;; Definitions of all cells live in one namespace, that of `racket`.
(define mark (getenv "LECTERN_MARK"))
(define scope (make-base-namespace))
(define (say . lines)
  (flush-output (current-error-port))
  (for ([line lines]) (displayln line))
  (flush-output))
(define (run path)
  (call-with-input-file path
    (lambda (cell)
      (port-count-lines! cell)
      (for ([form (in-port (lambda (port) (read-syntax "cell" port)) cell)])
        (call-with-values (lambda () (eval form))
                          (lambda values
                            (for ([value values] #:unless (void? value)) (println value))))))))
(parameterize ([current-namespace scope])
  (namespace-require 'racket)
  (say (string-append mark "ready"))
  (let loop ([path (read-line)])
    (unless (eof-object? path)
      (with-handlers ([exn? (lambda (problem)
                              (say (string-append mark "error")
                                   (substring (symbol->string (vector-ref (struct->vector problem) 0)) (string-length "struct:"))
                                   (exn-message problem)))]
                      [void (lambda (thrown) (say (string-append mark "error") "raise" thrown))])
        (run path))
      (say (string-append mark "ready"))
      (loop (read-line)))))
